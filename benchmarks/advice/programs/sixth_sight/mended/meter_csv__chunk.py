"""Aggregate a day file of electricity meter readings."""
import csv
import os
import random
import tempfile
from collections import defaultdict


def write_day(path, rows):
    rng = random.Random(5)
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["meter", "quarter", "kwh", "volt", "state"])
        for n in range(rows):
            writer.writerow([f"M{n % 900:04d}", n % 96, f"{rng.random() * 3:.3f}",
                             f"{rng.gauss(230, 2):.1f}", "ok" if rng.random() < 0.98 else "est"])


def load(path):
    with open(path, newline="") as src:
        yield from csv.DictReader(src)


def aggregate(path):
    energy = defaultdict(float)
    estimated = 0
    low = high = 230.0
    for row in load(path):
        energy[row["meter"]] += float(row["kwh"])
        volt = float(row["volt"])
        low, high = min(low, volt), max(high, volt)
        if row["state"] == "est":
            estimated += 1
    return energy, estimated, low, high


def main():
    fd, path = tempfile.mkstemp(suffix=".csv")
    os.close(fd)
    try:
        write_day(path, 150_000)
        energy, estimated, low, high = aggregate(path)
    finally:
        os.unlink(path)
    top = max(energy, key=energy.get)
    print(len(energy), "meters", f"{sum(energy.values()):.2f} kWh", "top", top, estimated, low, high)


main()
