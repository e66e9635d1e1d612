"""Fares per pair of stations out of a CSV file, streamed."""
import csv
import os
import tempfile
from itertools import islice
from operator import itemgetter
from random import Random


def trips(seed, count):
    rng = Random(seed)
    for number in range(count):
        yield number, rng.randrange(250), rng.randrange(250), rng.randint(100, 900)


def write(path, rows):
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("trip", "from", "to", "cents"))
        writer.writerows(rows)


def read(path):
    with open(path, newline="") as source:
        rows = csv.reader(source)
        next(rows)
        yield from ((int(a), int(b), int(cents)) for _, a, b, cents in rows)


def summed(rows):
    sums = {}
    for a, b, cents in rows:
        key = a * 250 + b
        sums[key] = sums.get(key, 0) + cents
    return sums


def top(sums, count):
    return islice(sorted(sums.items(), key=itemgetter(1), reverse=True), count)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trips.csv")
        write(path, trips(3, 160_000))
        sums = summed(read(path))
    print(len(sums), sum(sums.values()))
    for key, cents in top(sums, 3):
        print(divmod(key, 250), cents)


if __name__ == "__main__":
    main()
