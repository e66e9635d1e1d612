"""In-memory telemetry store with line-protocol ingest and a few range queries."""
import bisect
import math
import random
import re
from collections import namedtuple

LINE = re.compile(r"(?P<name>[a-z_.]+)(?:,host=(?P<host>\w+))? value=(?P<value>[-0-9.e]+) (?P<ts>\d+)")
Summary = namedtuple("Summary", "count low high mean")


class Series:
    def __init__(self, name, host):
        self.name = name
        self.host = host
        self.points = []

    def add(self, ts, value):
        if self.points and ts < self.points[-1][0]:
            raise ValueError("out of order sample")
        self.points.append((ts, value))  # advise: compact

    def between(self, start, stop):
        lo = bisect.bisect_left(self.points, (start, -math.inf))
        hi = bisect.bisect_left(self.points, (stop, -math.inf))
        return [v for _, v in self.points[lo:hi]]

    def __len__(self):
        return len(self.points)


class Store:
    def __init__(self):
        self.series = {}
        self.rejected = 0

    def ingest(self, line):
        m = LINE.fullmatch(line)
        if m is None:
            self.rejected += 1
            return
        key = m["name"], m["host"] or "-"
        series = self.series.get(key)
        if series is None:
            series = self.series[key] = Series(*key)
        try:
            series.add(int(m["ts"]), float(m["value"]))
        except ValueError:
            self.rejected += 1

    def summary(self, key, start, stop):
        values = self.series[key].between(start, stop)
        if not values:
            return Summary(0, math.nan, math.nan, math.nan)
        return Summary(len(values), min(values), max(values), math.fsum(values) / len(values))


def feed(samples):
    rng = random.Random(77)
    hosts = [f"node{n}" for n in range(8)]
    names = ["cpu.load", "mem_used", "disk.io"]
    clock = 1_700_000_000
    for n in range(samples):
        clock += rng.randint(0, 2)
        ts = clock - 50 if n % 5001 == 5000 else clock
        if n % 9973 == 0:
            yield "garbage here"
        name = names[n % 3]
        yield f"{name},host={rng.choice(hosts)} value={rng.gauss(50, 12):.4f} {ts}"


def main():
    store = Store()
    for line in feed(300_000):
        store.ingest(line)
    start = 1_700_000_000
    print("series", len(store.series), "rejected", store.rejected)
    print("points", sum(len(s) for s in store.series.values()))
    for key in sorted(store.series)[::5]:
        for day in (0, 2):
            s = store.summary(key, start + day * 86400, start + (day + 1) * 86400)
            print(f"{key[0]:9s} {key[1]} +{day}d n={s.count} {s.low:.2f}..{s.high:.2f} mean {s.mean:.3f}")


if __name__ == "__main__":
    main()
