"""Summarise a rotated, gzipped access log: status codes, slow paths, bytes per hour."""
import collections
import gzip
import os
import random
import re
import sys
import tempfile

LINE = re.compile(
    r'(\S+) - - \[(\d+)/Nov/2026:(\d\d):\d\d:\d\d\] "(\w+) (\S+) HTTP/1\.1" (\d{3}) (\d+) (\d+)$'
)


def write_log(path, n, seed=42):
    rng = random.Random(seed)
    paths = ["/", "/login", "/cart", "/search?q=shoes", "/api/v2/items", "/static/app.js"]
    with gzip.open(path, "wt", compresslevel=1) as out:
        for i in range(n):
            out.write(
                f'10.0.{rng.randrange(8)}.{rng.randrange(250)} - - '
                f'[{1 + i * 28 // n:02d}/Nov/2026:{i % 24:02d}:10:00] '
                f'"GET {rng.choice(paths)} HTTP/1.1" {rng.choice((200, 200, 200, 304, 404, 500))} '
                f'{rng.randrange(90_000)} {rng.randrange(1500)}\n'
            )


def load_lines(path):
    with gzip.open(path, "rb") as f:
        return f.read().decode("ascii").splitlines()  # advise: chunk


class Report:
    def __init__(self):
        self.status = collections.Counter()
        self.slow = collections.Counter()
        self.per_hour = [0] * 24
        self.rejected = 0

    def add(self, line):
        m = LINE.match(line)
        if m is None:
            self.rejected += 1
            return
        _, _, hour, _, path, status, size, ms = m.groups()
        self.status[status] += 1
        self.per_hour[int(hour)] += int(size)
        if int(ms) > 1200:
            self.slow[path.partition("?")[0]] += 1

    def print(self, out=sys.stdout):
        for code, n in sorted(self.status.items()):
            out.write(f"{code} {n:8d}\n")
        for path, n in self.slow.most_common(3):
            out.write(f"slow {path:20s} {n}\n")
        peak = max(range(24), key=self.per_hour.__getitem__)
        out.write(f"peak hour {peak:02d}: {self.per_hour[peak]} bytes, rejected {self.rejected}\n")


def analyse(path):
    rep = Report()
    for line in load_lines(path):
        if line:
            rep.add(line)
    return rep


def main():
    fd, name = tempfile.mkstemp(suffix=".log.gz")
    os.close(fd)
    try:
        write_log(name, 160_000)
        analyse(name).print()
    finally:
        os.unlink(name)


if __name__ == "__main__":
    main()
