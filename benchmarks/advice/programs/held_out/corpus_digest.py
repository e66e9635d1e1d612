"""Tokenises a corpus, keeps a short digest of every chapter and then ranks the chapters."""
# may: compact
import math
import random


class Token:
    __slots__ = ("text", "offset", "weight")

    def __init__(self, text, offset, weight):
        self.text = text
        self.offset = offset
        self.weight = weight


class ChapterDigest:
    __slots__ = ("number", "first", "tokens", "mean")

    def __init__(self, number, first, tokens, mean):
        self.number = number
        self.first = first
        self.tokens = tokens
        self.mean = mean


def chapter_text(number, words):
    rng = random.Random(number)
    stems = ("harbour", "lantern", "meridian", "quarrel", "sparrow", "thistle")
    return " ".join(f"{stems[rng.getrandbits(8) % 6]}{rng.getrandbits(12)}" for _ in range(words))


def tokenise(text, start):
    offset = start
    for word in text.split():
        yield Token(word, offset, len(word) * 1.25 + offset % 13)
        offset += len(word) + 1


def read_corpus(chapters):
    """Digests of all chapters, and the count of tokens that begin where another chapter's do."""
    corpus = []
    digests = []
    for number in range(chapters):
        tokens = list(tokenise(chapter_text(number, 1500), number * 101))
        mean = sum(token.weight for token in tokens) / len(tokens)
        corpus.extend(tokens)
        digests.append(ChapterDigest(number, tokens[0].offset + 1000, len(tokens) + 1000, mean))  # advise: arena-pinning
    offsets = {token.offset for token in corpus}
    return digests, len(corpus) - len(offsets)


def similarity(one, other):
    distance = math.hypot(one.mean - other.mean, (one.first - other.first) / 5000)
    return 1 / (1 + distance)


def rank(digests, damping=0.85, rounds=600):
    scores = [1.0] * len(digests)
    matrix = [[similarity(one, other) for other in digests] for one in digests]
    for _ in range(rounds):
        scores = [
            1 - damping + damping * sum(a * b for a, b in zip(row, scores)) / len(scores)
            for row in matrix
        ]
    return sorted(zip(scores, (digest.number for digest in digests)), reverse=True)


def main():
    digests, shared = read_corpus(170)
    print("shared offsets", shared)
    for score, number in rank(digests)[:5]:
        print(number, f"{score:.6f}")


if __name__ == "__main__":
    main()
