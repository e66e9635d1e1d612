"""In-memory time-series store with downsampling and percentile queries."""
import bisect
import math
import random
from array import array
from collections import defaultdict


class Series:
    def __init__(self, name):
        self.name = name
        self.times = array("d")
        self.values = array("d")

    def append(self, ts, value):
        if self.times and ts < self.times[-1]:
            raise ValueError("out of order")
        self.times.append(ts)
        self.values.append(value)

    def slice(self, start, end):
        lo = bisect.bisect_left(self.times, start)
        hi = bisect.bisect_left(self.times, end)
        for i in range(lo, hi):
            yield self.times[i], self.values[i]

    def __len__(self):
        return len(self.times)


class Store:
    def __init__(self):
        self.series = {}
        self.tags = defaultdict(set)

    def write(self, name, ts, value):
        s = self.series.get(name)
        if s is None:
            s = self.series[name] = Series(name)
            self.tags[name.split(".")[0]].add(name)
        s.append(ts, value)

    def downsample(self, name, start, end, step):
        bucket, acc, n = None, 0.0, 0
        for ts, value in self.series[name].slice(start, end):
            b = int((ts - start) // step)
            if b != bucket:
                if n:
                    yield start + bucket * step, acc / n
                bucket, acc, n = b, 0.0, 0
            acc += value
            n += 1
        if n:
            yield start + bucket * step, acc / n

    def percentile(self, name, start, end, q):
        values = sorted(v for _, v in self.series[name].slice(start, end))
        return values[min(len(values) - 1, int(q * len(values)))]


def feed(store, seconds):
    rng = random.Random(8)
    names = [f"web.host{h}.{m}" for h in range(4) for m in ("cpu", "latency")]
    names += ["db.primary.qps", "db.replica.lag"]
    for s in range(seconds):
        t = 1_700_000_000 + s * 1.0
        base = 50 + 30 * math.sin(s / 900)
        for k, name in enumerate(names):
            store.write(name, t + k * 0.01, base + rng.random() * (k + 1))
    return 1_700_000_000


def main():
    store = Store()
    seconds = 72_000
    t0 = feed(store, seconds)
    print("series", len(store.series), "points", sum(len(s) for s in store.series.values()))
    for name in sorted(store.tags["web"])[:4] + ["db.primary.qps"]:
        pts = list(store.downsample(name, t0, t0 + seconds, 3600))
        p99 = store.percentile(name, t0, t0 + seconds, 0.99)
        print(name, len(pts), " ".join(f"{v:.2f}" for _, v in pts[:4]), f"p99={p99:.3f}")


if __name__ == "__main__":
    main()
