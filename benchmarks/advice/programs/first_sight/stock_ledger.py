"""Warehouse stock: movements over time, audits and re-order proposals (uses attrs)."""
import random
from collections import defaultdict

import attr

BINS = [f"{row}{n:02d}" for row in "ABCDEF" for n in range(20)]
REASONS = ("sale", "return", "purchase", "shrink")


@attr.s
class Movement:
    sku = attr.ib()
    bin = attr.ib()
    qty = attr.ib(validator=attr.validators.instance_of(int))
    reason = attr.ib()
    day = attr.ib()
    clerk = attr.ib(default=0)
    voided = attr.ib(default=False)
    note = attr.ib(default=None)

    def signed(self):
        return -self.qty if self.reason in ("sale", "shrink") else self.qty


@attr.s
class Proposal:
    sku = attr.ib()
    qty = attr.ib()


class Warehouse:
    def __init__(self):
        self.log = []

    def move(self, **fields):
        self.log.append(Movement(**fields))  # advise: compact

    def void_some(self, rng, n):
        for _ in range(n):
            m = self.log[rng.randrange(len(self.log))]
            m.voided = True
            m.note = "void"

    def stock(self, until):
        levels = defaultdict(int)
        for m in self.log:
            if m.day <= until and not m.voided:
                levels[m.sku] += m.signed()
        return levels

    def busiest_bins(self, n):
        traffic = defaultdict(int)
        for m in self.log:
            traffic[m.bin] += m.qty
        return sorted(traffic.items(), key=lambda kv: (-kv[1], kv[0]))[:n]

    def audit(self):
        per_clerk = defaultdict(int)
        for m in self.log:
            if m.note:
                per_clerk[m.clerk] += 1
        return dict(sorted(per_clerk.items()))


def propose(levels, floor):
    return [Proposal(sku, floor - level) for sku, level in sorted(levels.items()) if level < floor]


def run_year(house, rng, per_day):
    skus = [f"sku-{i:03d}" for i in range(150)]
    for day in range(250):
        for _ in range(per_day):
            house.move(
                sku=rng.choice(skus), bin=rng.choice(BINS), qty=rng.randrange(1, 40),
                reason=rng.choices(REASONS, (5, 1, 5, 1))[0], day=day, clerk=rng.randrange(12),
            )


def main():
    rng = random.Random(31)
    house = Warehouse()
    run_year(house, rng, 700)
    house.void_some(rng, 900)
    for until in (60, 120, 249):
        levels = house.stock(until)
        todo = propose(levels, 500)
        print("day", until, "sum", sum(levels.values()), "proposals", len(todo), "missing", sum(p.qty for p in todo))
    print(house.busiest_bins(4))
    print(house.audit())


if __name__ == "__main__":
    main()
