"""Contest results: percentile of everyone, ties shared, then medals by club."""
import random
from bisect import bisect_left, bisect_right
from collections import Counter


def score_lines(n, seed):
    rng = random.Random(seed)
    for i in range(n):
        yield f"{i},{rng.randrange(40)},{rng.gauss(500, 90):.2f}"


def parse(lines):
    for line in lines:
        number, club, score = line.split(",")
        yield float(score), int(club), int(number)


def percentile(ordered, score):
    low = bisect_left(ordered, (score,))
    high = bisect_right(ordered, (score, 99, 0))
    return (low + high) / 2 / len(ordered)


def medal(place):
    return "gold" if place >= 0.99 else "silver" if place >= 0.96 else "bronze" if place >= 0.9 else None


def main():
    # Sorting wants all of them; so do the percentiles, for which every entry is looked up again.
    entries = sorted(parse(score_lines(170_000, 29)))
    medals = Counter()
    for score, club, _ in entries:
        won = medal(percentile(entries, score))
        if won:
            medals[club, won] += 1
    golds = Counter({club: n for (club, kind), n in medals.items() if kind == "gold"})
    print("clubs with gold:", len(golds), golds.most_common(2))
    print("median", entries[len(entries) // 2][0], "winner", entries[-1][2], "last", entries[0][2])


if __name__ == "__main__":
    main()
