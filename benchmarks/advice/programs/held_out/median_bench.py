# forbid: chunk release-early grow-copy
"""Order statistics and permutation test over a sample file; needs all values at once."""
import os
import random
import struct
import tempfile
from array import array


def write_samples(path, n, seed=50):
    rng = random.Random(seed)
    with open(path, "wb") as f:
        f.write(struct.pack("<I", n))
        a = array("d", (rng.gauss(100, 15) for _ in range(n)))
        a.tofile(f)


def read_samples(path):
    with open(path, "rb") as f:
        n, = struct.unpack("<I", f.read(4))
        data = array("d")
        data.fromfile(f, n)
    return data


def select(values, k):
    """Quickselect on a scratch copy, median of three as pivot."""
    v = values[:]
    lo, hi = 0, len(v) - 1
    while lo < hi:
        pivot = sorted((v[lo], v[(lo + hi) // 2], v[hi]))[1]
        i, j = lo, hi
        while i <= j:
            while v[i] < pivot:
                i += 1
            while v[j] > pivot:
                j -= 1
            if i <= j:
                v[i], v[j] = v[j], v[i]
                i += 1
                j -= 1
        if k <= j:
            hi = j
        elif k >= i:
            lo = i
        else:
            break
    return v[k]


def quantiles(values, qs):
    n = len(values)
    return {q: select(values, min(n - 1, int(q * n))) for q in qs}


def permutation_test(values, rounds, seed=1):
    """Shuffle labels of first/second half, compare differences of means."""
    rng = random.Random(seed)
    n = len(values)
    half = n // 2
    total = sum(values)
    first = sum(values[i] for i in range(half))
    observed = abs(first / half - (total - first) / (n - half))
    beyond = 0
    for _ in range(rounds):
        start = rng.randrange(n)
        stride = rng.choice((7, 11, 13, 17, 19)) if n % 2 else 3
        s = 0.0
        at = start
        for _ in range(4000):
            s += values[at]
            at = (at + stride) % n
        mean = s / 4000
        if abs(mean - total / n) >= observed * 20:
            beyond += 1
    return observed, beyond


def gini(values):
    ordered = sorted(values)
    n = len(ordered)
    cum = sum((i + 1) * v for i, v in enumerate(ordered))
    return 2 * cum / (n * sum(ordered)) - (n + 1) / n


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "samples.bin")
        write_samples(path, 330_001)
        values = read_samples(path)
    for q, v in quantiles(values, (0.05, 0.5, 0.95)).items():
        print(f"q{q:.2f} {v:.5f}")
    observed, beyond = permutation_test(values, 400)
    print(f"diff {observed:.6f} beyond {beyond}")
    print(f"gini {gini(values):.6f}")
    print(f"range {min(values):.4f} {max(values):.4f}")


if __name__ == "__main__":
    main()
