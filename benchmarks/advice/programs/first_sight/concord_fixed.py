"""Build a concordance of a generated text and print the most common neighbours."""
import random
from array import array
from collections import Counter
from itertools import islice

SYLL = "ba be bi bo bu da de di do du ka ke ki ko ku la le li lo lu".split()


class Vocabulary:
    def __init__(self):
        self.ids = {}
        self.words = []

    def add(self, word):
        n = self.ids.get(word)
        if n is None:
            n = self.ids[word] = len(self.words)
            self.words.append(word)
        return n


def make_text(seed, count):
    rng = random.Random(seed)
    stock = ["".join(rng.choices(SYLL, k=rng.randrange(1, 5))) for _ in range(4000)]
    weights = [1 / (i + 2) for i in range(len(stock))]
    parts = []
    for _ in range(count // 1000):
        parts.append(" ".join(rng.choices(stock, weights, k=1000)))
    return ".\n".join(parts)


def number(tokens, vocab):
    add = vocab.add
    return [add(t) for t in tokens]


def neighbours(ids, size):
    pairs = Counter()
    for i in range(0, len(ids) - 1):
        pairs[ids[i] * size + ids[i + 1]] += 1
    return pairs


def occurrences(ids, size):
    where = [array("I") for _ in range(size)]
    for pos, n in enumerate(ids):
        where[n].append(pos)
    return where


def show_context(vocab, ids, where, word, width):
    n = vocab.ids[word]
    for pos in islice(where[n], 3):
        left = " ".join(vocab.words[i] for i in ids[max(0, pos - width):pos])
        right = " ".join(vocab.words[i] for i in ids[pos + 1:pos + 1 + width])
        print(f"{left:>40} [{word}] {right}")


def concordance(text):
    vocab = Vocabulary()
    tokens = [t.strip(".") for t in text.split()]
    print("tokens", len(tokens), "longest", max(tokens, key=len))
    ids = number(tokens, vocab)
    del tokens
    where = occurrences(ids, len(vocab.words))
    pairs = neighbours(ids, len(vocab.words))
    common = pairs.most_common(5)
    for key, n in common:
        a, b = divmod(key, len(vocab.words))
        print(vocab.words[a], vocab.words[b], n)
    show_context(vocab, ids, where, vocab.words[5], 4)
    gaps = Counter(b - a for spots in where for a, b in zip(spots, spots[1:]))
    print("gaps", len(gaps), gaps.most_common(3))


def main():
    concordance(make_text(17, 600_000))


if __name__ == "__main__":
    main()
