"""Exact latency percentiles and rank correlation of two services from binary trace files."""
# forbid: chunk compact release-early grow-copy
import math
import os
import random
import struct
import tempfile
from array import array
from itertools import islice

RECORD = struct.Struct("<IdB")
PER_READ = 4096
QUANTILES = (0.5, 0.9, 0.99, 0.999)


def write_trace(path, count, seed, median):
    rng = random.Random(seed)
    with open(path, "wb") as out:
        for n in range(count):
            ms = median * math.exp(rng.gauss(0, 0.7))
            out.write(RECORD.pack(n * 3, ms, 0 if rng.random() < 0.99 else 1))


def read_trace(path):
    with open(path, "rb") as fh:
        while data := fh.read(RECORD.size * PER_READ):
            yield from RECORD.iter_unpack(data)


def collect(path):
    """Latencies of the requests that went well, and how many failed."""
    values = array("d")
    failed = 0
    for _, ms, error in read_trace(path):
        if error:
            failed += 1
        else:
            values.append(ms)
    return values, failed


def percentile(ordered, q):
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def histogram(ordered, width=12):
    top = ordered[-1]
    edges = [top * (i + 1) / width for i in range(width)]
    counts, i = [0] * width, 0
    for v in ordered:
        while v > edges[i] and i < width - 1:
            i += 1
        counts[i] += 1
    return counts


def rank_shift(left, right):
    """Two-sample Kolmogorov-Smirnov distance; both sides sorted."""
    i = j = 0
    worst = 0.0
    n, m = len(left), len(right)
    while i < n and j < m:
        if left[i] <= right[j]:
            i += 1
        else:
            j += 1
        gap = abs(i / n - j / m)
        if gap > worst:
            worst = gap
    return worst


def main():
    with tempfile.TemporaryDirectory() as tmp:
        ordered = {}
        for name, seed, median in (("stable", 1, 20.0), ("canary", 2, 21.5)):
            path = os.path.join(tmp, name + ".trace")
            write_trace(path, 170_000, seed, median)
            values, failed = collect(path)
            print(f"{name}: {len(values)} ok, {failed} failed, first {[round(v, 2) for v in islice(values, 3)]}")
            ordered[name] = array("d", sorted(values))
            del values
    for name, values in ordered.items():
        marks = "  ".join(f"p{q * 100:g}={percentile(values, q):.2f}" for q in QUANTILES)
        print(f"{name}: {marks}")
        print("   ", histogram(values))
    print(f"distance {rank_shift(ordered['stable'], ordered['canary']):.5f}")


if __name__ == "__main__":
    main()
