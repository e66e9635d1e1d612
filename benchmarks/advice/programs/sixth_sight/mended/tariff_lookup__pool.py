"""Price shipments with a tariff database kept on disk."""
import os
import random
import sqlite3
import tempfile
from contextlib import closing

ZONES = ["A", "B", "C", "D", "E", "F"]


def build(path):
    with closing(sqlite3.connect(path)) as db:
        db.execute("create table tariff(zone text, step integer, cents integer, primary key(zone, step))")
        db.execute("create table surcharge(code text primary key, pct real)")
        db.executemany("insert into tariff values(?,?,?)",
                       [(z, s, 250 + 37 * s + 90 * i) for i, z in enumerate(ZONES) for s in range(60)])
        db.executemany("insert into surcharge values(?,?)",
                       [("none", 0.0), ("fuel", 4.5), ("island", 12.0)])
        db.commit()


class Pricing:
    def __init__(self, path):
        self.path = path
        self.db = sqlite3.connect(path)

    def quote(self, zone, weight, code):
        step = min(int(weight // 2), 59)
        db = self.db
        if True:
            (cents,) = db.execute("select cents from tariff where zone=? and step=?", (zone, step)).fetchone()
            (pct,) = db.execute("select pct from surcharge where code=?", (code,)).fetchone()
        return round(cents * (1 + pct / 100))


def shipments(count):
    rng = random.Random(7)
    for _ in range(count):
        yield rng.choice(ZONES), rng.expovariate(1 / 18), rng.choice(["none", "none", "fuel", "island"])


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tariff.db")
        build(path)
        pricing = Pricing(path)
        totals = dict.fromkeys(ZONES, 0)
        for zone, weight, code in shipments(4_500):
            totals[zone] += pricing.quote(zone, weight, code)
    print(sum(totals.values()), totals)


if __name__ == "__main__":
    main()
