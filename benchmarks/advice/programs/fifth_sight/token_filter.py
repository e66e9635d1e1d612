"""Finds words used once in a text and builds a bitmap filter and a bigram grid from them."""
import random
import zlib
from array import array
from collections import Counter

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def story(words, seed=52):
    rng = random.Random(seed)
    stems = ["".join(rng.choices(LETTERS, k=5)) for _ in range(300)]
    for i in range(words):
        if i % 1100 == 7:
            yield "".join(rng.choices(LETTERS, k=14))
        else:
            yield rng.choice(stems) + rng.choice(("ing", "ed", "s", "er", "ly"))


def used_once(words):
    tokens = list(words)
    counts = Counter(tokens)
    pairs = Counter(a[0] + b[0] for a, b in zip(tokens, tokens[1:]))
    once = [t for t in tokens if counts[t] == 1]
    return once, pairs.most_common(1)[0]


class BitFilter:
    def __init__(self, bits):
        self.bits = bits
        self.field = bytearray(bits // 8)

    def _spots(self, word):
        raw = word.encode()
        for salt in (1, 77, 4242):
            yield zlib.crc32(raw, salt) % self.bits

    def add(self, word):
        for spot in self._spots(word):
            self.field[spot >> 3] |= 1 << (spot & 7)

    def __contains__(self, word):
        return all(self.field[s >> 3] >> (s & 7) & 1 for s in self._spots(word))


def bigram_grid(words, size):
    grid = array("I", [1]) * (size * size)
    for word in words:
        for a, b in zip(word, word[1:]):
            grid[(ord(a) * 37 % size) * size + ord(b) * 53 % size] += 1
    return grid


def main():
    once, pair = used_once(story(380_000))
    bits = BitFilter(1 << 20)
    for word in once:
        bits.add(word)
    grid = bigram_grid(once, size=2600)
    probes = sum(1 for word in story(20_000, seed=53) if word in bits)
    print("once", len(once), "first", once[0], "pair", pair)
    print("grid", max(grid), "probes", probes)


if __name__ == "__main__":
    main()
