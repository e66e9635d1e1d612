"""Plays Nim-like games; the memo table covers a bounded set of positions and is full early on."""

# forbid: leak compact pool over-pooled

import random
from functools import cache

LIMIT = 32


@cache
def grundy(piles):
    """Sprague-Grundy value where a move takes 1 to 4 from a pile, or halves an even pile in two."""
    reachable = set()
    for index, pile in enumerate(piles):
        rest = piles[:index] + piles[index + 1 :]
        for take in range(1, min(4, pile) + 1):
            reachable.add(grundy(tuple(sorted(rest + (pile - take,)))))
        if pile and pile % 2 == 0 and len(piles) < 3:
            reachable.add(grundy(tuple(sorted(rest + (pile // 2, pile // 2)))))
    value = 0
    while value in reachable:
        value += 1
    return value


def play(rng):
    """A random game of one player against the perfect one; returns the number of moves."""
    piles = tuple(sorted(rng.randint(1, LIMIT) for _ in range(3)))
    moves = 0
    while any(piles):
        options = []
        for index, pile in enumerate(piles):
            for take in range(1, min(4, pile) + 1):
                options.append(tuple(sorted(piles[:index] + piles[index + 1 :] + (pile - take,))))
        if moves % 2 == 0:
            piles = rng.choice(options)
        else:
            piles = min(options, key=lambda p: (grundy(p), p))
        moves += 1
    return moves


def main():
    rng = random.Random(123)
    lengths = [play(rng) for _ in range(5000)]
    info = grundy.cache_info()
    print(sum(lengths), max(lengths), info.currsize <= (LIMIT + 1) ** 3)


if __name__ == "__main__":
    main()
