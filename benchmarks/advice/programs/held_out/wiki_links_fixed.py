"""Two-pass wiki indexer: tokenise pages, keep link targets, then rank pages."""
import random
from array import array


def page_source(n, seed=21):
    rng = random.Random(seed)
    for i in range(n):
        parts = [f"= Page {i} ="]
        for _ in range(rng.randint(20, 40)):
            if rng.random() < 0.3:
                parts.append(f"[[Page {int(n * rng.random() ** 2)}]]")
            else:
                parts.append(f"text{rng.randrange(100_000)} and more{rng.randrange(1000)}.")
        yield i, " ".join(parts)


class Token:
    __slots__ = ("kind", "text", "at")

    def __init__(self, kind, text, at):
        self.kind, self.text, self.at = kind, text, at


def tokenise(text):
    tokens, at = [], 0
    while at < len(text):
        if text.startswith("[[", at):
            end = text.index("]]", at)
            tokens.append(Token("link", text[at + 2:end], at))
            at = end + 2
        elif text[at] == " ":
            at += 1
        else:
            end = text.find(" ", at)
            end = len(text) if end < 0 else end
            tokens.append(Token("word", text[at:end], at))
            at = end
    return tokens


class Corpus:
    def __init__(self):
        self.links = {}
        self.words = 0

    def ingest(self, pages):
        parsed = {}
        flat, ends = array("I"), array("I")
        for number, text in pages:
            tokens = tokenise(text)
            parsed[number] = tokens
            flat.extend(int(t.text.split()[1]) for t in tokens if t.kind == "link")
            ends.append(len(flat))
        distinct = set()
        for tokens in parsed.values():
            for t in tokens:
                if t.kind == "word":
                    self.words += 1
                    distinct.add(t.text)
        numbers = array("I", parsed)
        n = len(distinct)
        del parsed, tokens, t, distinct
        start = 0
        for number, end in zip(numbers, ends):
            self.links[number] = tuple(flat[start:end])
            start = end
        return n

    def rank(self, rounds, damping=0.85):
        n = len(self.links)
        history = []
        rank = array("d", [1.0 / n]) * n
        for _ in range(rounds):
            new = array("d", [(1 - damping) / n]) * n
            for number, targets in self.links.items():
                if targets:
                    share = damping * rank[number] / len(targets)
                    for t in targets:
                        new[t] += share
            history.append(rank)
            rank = new
        return rank, history


def spectrum(rank, history, size=16_000_000):
    """A coarse cumulative table used for weighted sampling."""
    table = array("I", [0]) * size
    acc = 0.0
    total = sum(rank)
    at = 0
    for page, r in enumerate(rank):
        acc += r
        end = int(acc / total * size)
        table[at:end] = array("I", [page]) * (end - at)
        at = end
    drift = sum(abs(a - b) for a, b in zip(history[-1], rank))
    return table, drift


def main():
    corpus = Corpus()
    distinct = corpus.ingest(page_source(6_000))
    print("pages", len(corpus.links), "words", corpus.words, "distinct", distinct)
    rank, history = corpus.rank(12)
    top = sorted(range(len(rank)), key=rank.__getitem__, reverse=True)[:5]
    print("top", [(p, round(rank[p] * 1000, 4)) for p in top])
    table, drift = spectrum(rank, history)
    rng = random.Random(1)
    visits = [table[rng.randrange(len(table))] for _ in range(40_000)]
    print("table", len(table), sum(visits), visits.count(0), f"{drift:.3e}")


main()
