"""Index syslog-like lines by host and unit for later lookup."""
import io
import random
import sys
from collections import Counter
from typing import NamedTuple

HOSTS = [f"node-{n:03d}.rack{n % 7}.dc-north.example.net" for n in range(40)]
UNITS = ["kubelet.service", "sshd.service", "systemd-networkd.service", "postgresql@15-main.service"]


class Entry(NamedTuple):
    host: str
    unit: str
    pid: int


def produce(lines):
    rng = random.Random(6)
    for _ in range(lines):
        yield f"{rng.choice(HOSTS)} {rng.choice(UNITS)}[{rng.randrange(250)}]: event\n"


def parse(line):
    host, rest = line.split(" ", 1)
    unit, rest = rest.split("[", 1)
    return Entry(sys.intern(host), sys.intern(unit), int(rest[:rest.index("]")]))


class Index:
    def __init__(self):
        self.entries = []

    def add_all(self, lines):
        self.entries.extend(map(parse, lines))

    def matching(self, host=None, unit=None):
        for entry in self.entries:
            if (host is None or entry.host == host) and (unit is None or entry.unit == unit):
                yield entry


index = Index()
index.add_all(produce(200_000))
print(len(index.entries), Counter(e.unit for e in index.entries).most_common(2))
print(sum(e.pid for e in index.matching(host=HOSTS[3])),
      sum(e.pid for e in index.matching(HOSTS[5], UNITS[1])))
