"""Roll an access log up into hits and bytes by site section."""
import os
import random
import re
import tempfile
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

LINE = re.compile(r'(\S+) \[([^\]]+)\] "(\w+) (\S+)" (\d+) (\d+)')


def write_log(path, n):
    rng = random.Random(n)
    at = datetime(2024, 3, 1)
    sections = ["shop", "blog", "api", "static", "help"]
    with open(path, "w") as out:
        for _ in range(n):
            at += timedelta(milliseconds=rng.randrange(900))
            out.write(f'10.0.{rng.randrange(256)}.{rng.randrange(256)} [{at:%Y-%m-%d %H:%M:%S}] '
                      f'"GET /{rng.choice(sections)}/{rng.randrange(9999)}" '
                      f'{rng.choice((200, 200, 200, 304, 404))} {rng.randrange(90000)}\n')


class Rollup:
    def __init__(self):
        self.hits = defaultdict(int)
        self.volume = defaultdict(int)
        self.bad = 0

    def read(self, path):
        lines = Path(path).read_text().splitlines()
        for line in lines:
            m = LINE.match(line)
            if m is None:
                self.bad += 1
                continue
            _, _, _, target, status, size = m.groups()
            section = target.split("/", 2)[1]
            self.hits[section, status] += 1
            self.volume[section] += int(size)

    def show(self):
        for section in sorted(self.volume):
            ok = self.hits[section, "200"]
            print(f"{section:8} {ok:7} {self.volume[section]:>14,}")
        print("unreadable:", self.bad)


def main():
    fd, path = tempfile.mkstemp(suffix=".log")
    os.close(fd)
    try:
        write_log(path, 260_000)
        rollup = Rollup()
        rollup.read(path)
        rollup.show()
    finally:
        os.unlink(path)


if __name__ == "__main__":
    main()
