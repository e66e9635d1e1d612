"""Scores and names that are sorted as pairs, and pairs of words: neither is a row of numbers."""


def rank(count):
    pairs = []
    for number in range(count):
        pairs.append((number * 7919 % 100_003 * 0.25, number))
    pairs.sort()
    return pairs


def couples(count):
    found = []
    for number in range(count):
        found.append((f"left {number % 50}", f"right {number % 70}"))
    return found


ranked = rank(60_000)
print(len(set(couples(60_000))))
print(ranked[0], ranked[-1])
