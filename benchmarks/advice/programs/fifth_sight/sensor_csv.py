import csv
import io
import math
import random
import tempfile
import zipfile
from pathlib import Path

FIELDS = ["station", "ts", "temp", "hum", "wind"]


def make_archive(path, stations, hours):
    rnd = random.Random(6)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zf:
        with zf.open("readings.csv", "w") as raw:
            text = io.TextIOWrapper(raw, newline="")
            w = csv.writer(text)
            w.writerow(FIELDS)
            for h in range(hours):
                for s in range(stations):
                    w.writerow([f"ST{s:03d}", h * 3600, round(rnd.gauss(12, 6), 2),
                                rnd.randrange(100), round(rnd.random() * 30, 1)])
            text.flush()


class RunningMoments:
    def __init__(self):
        self.n, self.mean, self.m2 = 0, 0.0, 0.0

    def push(self, x):
        self.n += 1
        d = x - self.mean
        self.mean += d / self.n
        self.m2 += d * (x - self.mean)

    @property
    def sd(self):
        return math.sqrt(self.m2 / (self.n - 1))


def read_archive(path):
    with zipfile.ZipFile(path) as zf:
        with zf.open("readings.csv") as raw:
            rows = list(csv.reader(io.TextIOWrapper(raw, newline="")))
    return rows[1:]


def analyse(path):
    per_field = {name: RunningMoments() for name in FIELDS[2:]}
    stormy = 0
    for row in read_archive(path):
        for name, cell in zip(FIELDS[2:], row[2:]):
            per_field[name].push(float(cell))
        if float(row[4]) > 25 and float(row[2]) < 5:
            stormy += 1
    return per_field, stormy


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as tmp:
        archive = Path(tmp, "readings.zip")
        make_archive(archive, stations=40, hours=2200)
        moments, stormy = analyse(archive)
    for name, m in moments.items():
        print(f"{name:5s} n={m.n} mean={m.mean:.4f} sd={m.sd:.4f}")
    print("stormy readings:", stormy)
