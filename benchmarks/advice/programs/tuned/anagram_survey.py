"""Surveys anagrams in a made-up lexicon, then measures how far apart neighbouring spellings are."""

# may: gc-pressure

import random
from collections import Counter


def lexicon(count, seed):
    rng = random.Random(seed)
    onset = ["b", "c", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v"]
    nucleus = ["a", "e", "i", "o", "u", "ai", "ea", "ou"]
    words = []
    for _ in range(count):
        words.append("".join(rng.choice(onset) + rng.choice(nucleus) for _ in range(rng.randint(2, 5))))
    return words


def fingerprint(word):
    return "".join(sorted(word))


class Survey:
    def __init__(self, words):
        shapes = Counter(map(fingerprint, words))  # advise: release-early
        self.total = len(words)
        self.families = sum(1 for n in shapes.values() if n > 2)
        self.largest = max(shapes.items(), key=lambda pair: (pair[1], pair[0]))
        words.sort()
        self.spread = self.neighbours(words)

    def neighbours(self, ordered):
        """Common prefixes of neighbours in the dictionary: a table of lengths, and its shape."""
        table = []
        for left, right in zip(ordered, ordered[1:]):
            if left == right:
                continue
            length = 0
            for a, b in zip(left, right):
                if a != b:
                    break
                length += 1
            table.append((length, left[:length], right[length:]))
        table.sort()
        return table[len(table) // 2], table[-1], len(table)


def main():
    survey = Survey(lexicon(150_000, 77))
    print(survey.total, survey.families, survey.largest, survey.spread)


if __name__ == "__main__":
    main()
