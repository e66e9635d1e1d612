"""Robust statistics of latency samples: median, quantiles, trimmed mean, outlier runs."""
# forbid: chunk compact
import os
import random
import struct
import tempfile
from array import array


def write_samples(path, n, seed):
    rng = random.Random(seed)
    with open(path, "wb") as out:
        for _ in range(n // 1000):
            out.write(struct.pack("<1000f", *(rng.lognormvariate(2, 0.6) for _ in range(1000))))


class Samples:
    def __init__(self, path):
        self.values = array("f")
        with open(path, "rb") as src:
            self.values.frombytes(src.read())

    def quantiles(self, *which):
        order = sorted(self.values)
        return [order[min(len(order) - 1, int(q * len(order)))] for q in which]

    def trimmed_mean(self, low, high):
        total = n = 0
        for v in self.values:
            if low <= v <= high:
                total += v
                n += 1
        return total / n, n

    def runs(self, limit):
        longest = current = 0
        where = -1
        for i, v in enumerate(self.values):
            if v > limit:
                current += 1
                if current > longest:
                    longest, where = current, i
            else:
                current = 0
        return longest, where

    def swings(self, span):
        a = self.values
        worst = 0.0
        for i in range(span, len(a), 5):
            worst = max(worst, abs(a[i] - a[i - span]))
        return worst


class Report:
    def __init__(self, samples):
        self.samples = samples

    def show(self):
        q10, q50, q90, q99 = self.samples.quantiles(0.1, 0.5, 0.9, 0.99)
        print(f"q10 {q10:.3f} median {q50:.3f} q90 {q90:.3f} q99 {q99:.3f}")
        mean, n = self.samples.trimmed_mean(q10, q90)
        print(f"trimmed mean {mean:.4f} of {n}")
        print("runs above q90", *self.samples.runs(q90))
        print(f"swing {self.samples.swings(100):.3f}")


def main():
    fd, path = tempfile.mkstemp()
    os.close(fd)
    try:
        write_samples(path, 700_000, 33)
        Report(Samples(path)).show()
    finally:
        os.unlink(path)


if __name__ == "__main__":
    main()
