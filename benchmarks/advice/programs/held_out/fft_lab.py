# forbid: pool-leak over-pooled leak
"""Spectral comparison of test signals on threads; FFT plans are shared through a small bench."""
import cmath
import contextlib
import math
import queue
import random
from concurrent.futures import ThreadPoolExecutor


class Plan:
    def __init__(self, n):
        self.n = n
        bits = n.bit_length() - 1
        self.order = [int(format(i, f"0{bits}b")[::-1], 2) for i in range(n)]
        self.roots = [cmath.exp(-2j * math.pi * k / n) for k in range(n // 2)]
        self.work = [0j] * n

    def run(self, samples):
        w, n = self.work, self.n
        for i, j in enumerate(self.order):
            w[i] = complex(samples[j])
        span = 1
        while span < n:
            stride = n // (2 * span)
            for base in range(0, n, 2 * span):
                for k in range(span):
                    a, b = base + k, base + k + span
                    t = w[b] * self.roots[k * stride]
                    w[a], w[b] = w[a] + t, w[a] - t
            span *= 2
        return w


class PlanBench:
    def __init__(self, n, size):
        self.idle = queue.LifoQueue()
        for _ in range(size):
            self.idle.put(Plan(n))

    @contextlib.contextmanager
    def plan(self):
        p = self.idle.get()
        try:
            yield p
        finally:
            self.idle.put(p)


class Clipped(ValueError):
    pass


def analyse(bench, seed):
    rng = random.Random(seed)
    f = rng.randint(5, 200)
    signal = [math.sin(2 * math.pi * f * i / 1024) + rng.gauss(0, 0.2) for i in range(1024)]
    with bench.plan() as plan:
        if max(signal) > 1.72:
            raise Clipped(seed)
        spectrum = plan.run(signal)
        peak = max(range(1, 512), key=lambda k: abs(spectrum[k]))
        return f, peak, round(abs(spectrum[peak]), 3)


def attempt(bench, seed):
    try:
        return analyse(bench, seed)
    except Clipped:
        return None


def main():
    bench = PlanBench(1024, size=2)
    with ThreadPoolExecutor(3) as pool:
        rows = list(pool.map(lambda s: attempt(bench, s), range(440)))
    good = [r for r in rows if r]
    print(len(good), "analysed,", len(rows) - len(good), "clipped")
    print("exact", sum(f == p for f, p, _ in good), "mean peak", round(sum(a for *_, a in good) / len(good), 3))
    print(good[0], good[-1])


if __name__ == "__main__":
    main()
