#!/usr/bin/env python3
"""Inverted index over generated notes. Everything put in is looked up afterwards."""
import random
from array import array
from collections import defaultdict


class Ledger:
    def __init__(self):
        self.history = defaultdict(lambda: array("I"))

    def note(self, number, words):
        for word in words:
            places = self.history[word]
            if not places or places[-1] != number:
                places.append(number)

    def both(self, a, b):
        first, second = self.history.get(a, ()), self.history.get(b, ())
        return len(set(first).intersection(second))

    def rarest(self):
        return min(self.history, key=lambda w: (len(self.history[w]), w))


def notes(rng, n):
    syllables = ["ka", "lo", "mi", "ru", "ta", "ve", "zo", "ni"]
    vocabulary = [a + b + c + d for a in syllables for b in syllables for c in syllables for d in syllables[:3]]
    for number in range(n):
        yield number, rng.choices(vocabulary, k=14)


def main():
    ledger = Ledger()
    for number, words in notes(random.Random(80), 190_000):
        ledger.note(number, words)
    words = sorted(ledger.history)
    rng = random.Random(81)
    meetings = sum(ledger.both(*rng.sample(words, 2)) for _ in range(500))
    spread = sum(places[-1] - places[0] for places in ledger.history.values())
    print(len(words), meetings, spread, ledger.rarest())


if __name__ == "__main__":
    main()
