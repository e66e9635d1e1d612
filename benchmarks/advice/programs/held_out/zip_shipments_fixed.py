"""Carrier statistics out of the nightly zip of tracking scans."""
import io
import os
import random
import tempfile
import zipfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

STATES = ("PICKED", "HUB", "TRANSIT", "CUSTOMS", "DELIVERED", "RETURNED")


def make_archive(path, members=3, lines=95_000):
    rng = random.Random(8)
    carriers = ["DPD", "GLS", "UPS", "PNL", "INP"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zf:
        for m in range(members):
            with zf.open(f"scans-{m}.psv", "w") as raw, io.TextIOWrapper(raw, "utf-8") as out:
                for i in range(lines):
                    out.write(
                        f"{m}{i:09d}|{rng.choice(carriers)}|{rng.choice(STATES)}"
                        f"|{rng.randrange(86400)}|{rng.randrange(1, 32000)}\n"
                    )
        zf.writestr("README", "nightly dump\n")


@dataclass
class CarrierStat:
    grams: int = 0
    states: Counter = field(default_factory=Counter)
    latest: int = 0

    def add(self, state, second, grams):
        self.states[state] += 1
        self.grams += grams
        if state == "DELIVERED" and second > self.latest:
            self.latest = second

    @property
    def return_rate(self):
        done = self.states["DELIVERED"] + self.states["RETURNED"]
        return self.states["RETURNED"] / done


class ScanArchive:
    def __init__(self, path):
        self.zf = zipfile.ZipFile(path)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.zf.close()

    def names(self):
        return sorted(n for n in self.zf.namelist() if n.endswith(".psv"))

    def scans(self, name):
        with self.zf.open(name) as raw, io.TextIOWrapper(raw, "utf-8") as text:
            yield from map(self._split, text)

    @staticmethod
    def _split(line):
        ident, carrier, state, second, grams = line.rstrip("\n").split("|")
        return carrier, state, int(second), int(grams)


def collect(archive):
    stats = defaultdict(CarrierStat)
    for name in archive.names():
        for carrier, state, second, grams in archive.scans(name):
            stats[carrier].add(state, second, grams)
    return stats


def clock(second):
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = Path(tmp, "scans.zip")
        make_archive(path)
        with ScanArchive(path) as archive:
            stats = collect(archive)
        os.unlink(path)
    for carrier, stat in sorted(stats.items()):
        print(f"{carrier} {stat.grams / 1e6:9.3f} t  returns {stat.return_rate:.3%}  last {clock(stat.latest)}")


if __name__ == "__main__":
    main()
