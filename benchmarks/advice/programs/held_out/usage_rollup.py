# forbid: release-early leak chunk compact
"""Monthly usage roll-up: meters are binned first, then prices depend on the
whole distribution, so the readings are gone over again for the invoices."""
import random
import statistics
from array import array
from collections import defaultdict
from dataclasses import dataclass


@dataclass
class Tariff:
    threshold: float
    base: float
    above: float

    def price(self, kwh):
        if kwh <= self.threshold:
            return kwh * self.base
        return self.threshold * self.base + (kwh - self.threshold) * self.above


class Readings:
    """Columns: meter number and kWh of each reading."""

    def __init__(self):
        self.meter = array("I")
        self.kwh = array("d")

    def load(self, source):
        add_meter, add_kwh = self.meter.append, self.kwh.append
        for meter, kwh in source:
            add_meter(meter)
            add_kwh(kwh)
        return self

    def __len__(self):
        return len(self.meter)

    def __iter__(self):
        return zip(self.meter, self.kwh)


class RegionTotals(defaultdict):
    def __init__(self):
        super().__init__(float)

    def ranked(self):
        return sorted(self.items(), key=lambda kv: -kv[1])


def source(n, meters, seed):
    rng = random.Random(seed)
    scale = [rng.choice((0.6, 1.0, 1.0, 2.2)) for _ in range(meters)]
    for _ in range(n):
        meter = int(rng.random() * meters)
        yield meter, round(scale[meter] * rng.gammavariate(2.0, 3.0), 2)


def percentile_tariff(readings):
    """The upper price starts at the 90th percentile of a fixed sample."""
    sample = [readings.kwh[i] for i in range(0, len(readings), 101)]
    cut = statistics.quantiles(sample, n=10)[-1]
    return Tariff(round(cut, 2), 0.21, 0.34)


def invoices(readings, tariff):
    for meter, kwh in readings:
        yield meter, tariff.price(kwh)


def main():
    meters = 9_000
    readings = Readings().load(source(520_000, meters, seed=44))
    tariff = percentile_tariff(readings)
    print("tariff", tariff)

    due = array("d", bytes(8 * meters))
    for meter, amount in invoices(readings, tariff):
        due[meter] += amount
    regions = RegionTotals()
    for meter, amount in enumerate(due):
        regions[f"region-{meter % 12:02d}"] += amount
    for name, amount in regions.ranked()[:3]:
        print(name, round(amount, 2))

    limit = 2 * sum(due) / meters
    heavy = [m for m, amount in enumerate(due) if amount > limit]
    share = sum(kwh for meter, kwh in readings if due[meter] > limit) / sum(readings.kwh)
    print(len(readings), len(heavy), round(share, 4))


if __name__ == "__main__":
    main()
