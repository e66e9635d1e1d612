"""Reads a packed CSV of trips as a stream, through a chain of generators, into totals for each hour."""

# forbid: chunk compact leak gc-pressure reuse-buffer

import csv
import gzip
import os
import random
import tempfile
from collections import Counter
from decimal import Decimal


def write_trips(path, count, seed):
    rng = random.Random(seed)
    with gzip.open(path, "wt", compresslevel=1, newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "start", "seconds", "metres", "fare"])
        start = 0
        for number in range(count):
            start += rng.randrange(30)
            seconds, metres = rng.randrange(60, 4000), rng.randrange(500, 30000)
            writer.writerow([number, start, seconds, metres, f"{rng.uniform(3, 80):.2f}"])


def trips(path):
    with gzip.open(path, "rt", newline="") as source:
        yield from csv.DictReader(source)


def plausible(rows):
    for row in rows:
        speed = int(row["metres"]) / int(row["seconds"])
        if 0.5 < speed < 40:
            yield row


def priced(rows):
    for row in rows:
        yield int(row["start"]) // 3600 % 24, Decimal(row["fare"])


def main():
    handle, path = tempfile.mkstemp(suffix=".csv.gz")
    os.close(handle)
    try:
        write_trips(path, 120_000, 3)
        takings, rides = Counter(), Counter()
        for hour, fare in priced(plausible(trips(path))):
            takings[hour] += fare
            rides[hour] += 1
    finally:
        os.unlink(path)
    busiest, count = max(rides.items(), key=lambda pair: (pair[1], -pair[0]))
    print(busiest, count, sum(rides.values()), sum(takings.values()))


if __name__ == "__main__":
    main()
