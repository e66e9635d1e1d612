#!/usr/bin/env python3
"""Histogram of sensor values out of a CSV-like dump.

usage: sensor_hist.py [--lines N] [--bins B]
"""
import argparse
import os
import random
import tempfile


class Histogram:
    def __init__(self, lo, hi, bins):
        self.lo = lo
        self.width = (hi - lo) / bins
        self.counts = [0] * bins
        self.under = self.over = 0

    def add(self, value):
        slot = int((value - self.lo) / self.width)
        if slot < 0:
            self.under += 1
        elif slot >= len(self.counts):
            self.over += 1
        else:
            self.counts[slot] += 1

    def rows(self):
        top = max(self.counts) or 1
        for i, n in enumerate(self.counts):
            yield self.lo + i * self.width, n, "#" * (40 * n // top)


def write_dump(path, lines, seed):
    rng = random.Random(seed)
    sites = [f"site-{i:02d}/floor-{i % 4}/probe" for i in range(12)]
    with open(path, "w", encoding="ascii") as out:
        out.write("# time;probe;celsius;state\n")
        for i in range(lines):
            t = 20 + 6 * rng.random() - 3 * rng.random()
            state = "ok" if i % 97 else "bad"
            out.write(f"{1700000000 + i};{sites[i % 12]};{t:.4f};{state}\n")


def summarize(path, bins):
    hist = Histogram(16.0, 27.0, bins)
    bad = 0
    warmest = (-1e9, "")
    with open(path, encoding="ascii") as src:
        for line in src:
            if line.startswith("#"):
                continue
            stamp, probe, value, state = line.rstrip("\n").split(";")
            if state == "bad":
                bad += 1
                continue
            celsius = float(value)
            hist.add(celsius)
            if celsius > warmest[0]:
                warmest = (celsius, probe)
    return hist, bad, warmest


def main(argv=None):
    cli = argparse.ArgumentParser()
    cli.add_argument("--lines", type=int, default=450_000)
    cli.add_argument("--bins", type=int, default=12)
    opts = cli.parse_args(argv)
    fd, path = tempfile.mkstemp(suffix=".dump")
    os.close(fd)
    try:
        write_dump(path, opts.lines, 5)
        hist, bad, warmest = summarize(path, opts.bins)
    finally:
        os.unlink(path)
    for lo, n, bar in hist.rows():
        print(f"{lo:6.2f} {n:7d} {bar}")
    print("bad", bad, "outside", hist.under + hist.over, "warmest", *warmest)


if __name__ == "__main__":
    main()
