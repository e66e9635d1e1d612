"""Ranked-choice count: every ballot pile starts alike, then goes its own way."""
import random
from array import array

CANDIDATES = ["Ash", "Birch", "Cedar", "Dogwood", "Elm", "Fir"]


class Precinct:
    __slots__ = ("number", "tally", "moves")

    def __init__(self, number):
        self.number = number
        self.tally = array("i", [0] * len(CANDIDATES))
        self.moves = array("i", [0] * len(CANDIDATES))


def ballots(rng, n):
    """Rankings, packed as base-6 digits."""
    order = list(range(len(CANDIDATES)))
    packed = array("H")
    for _ in range(n):
        a, b, c = rng.sample(order, 3)
        packed.append(a * 36 + b * 6 + c)
    return packed


def ranking(ballot):
    return ballot // 36, ballot // 6 % 6, ballot % 6


def count(precincts, packed, standing):
    for p in precincts:
        for i in range(len(CANDIDATES)):
            p.tally[i] = 0
    for k, ballot in enumerate(packed):
        precinct = precincts[k % len(precincts)]
        for place, choice in enumerate(ranking(ballot)):
            if choice in standing:
                precinct.tally[choice] += 1
                precinct.moves[choice] += place
                break
    return [sum(p.tally[i] for p in precincts) for i in range(len(CANDIDATES))]


def main():
    rng = random.Random(37)
    precincts = [Precinct(i) for i in range(5000)]
    packed = ballots(rng, 190_000)
    standing = set(range(len(CANDIDATES)))
    while len(standing) > 2:
        totals = count(precincts, packed, standing)
        loser = min(standing, key=lambda i: (totals[i], i))
        standing.discard(loser)
        print("out:", CANDIDATES[loser], totals[loser])
    print("last two:", sorted(CANDIDATES[i] for i in standing), sum(sum(p.moves) for p in precincts))


if __name__ == "__main__":
    main()
