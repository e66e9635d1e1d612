"""Numbers that one object works out, and that another keeps by name when it is told of them."""

from collections import defaultdict

NAMES = [f"gauge {number}" for number in range(12)]


class Kept:
    def __init__(self):
        self.series = defaultdict(list)

    def tell(self, name, value):
        self.series[name].append(value)  # advise: compact


class Gauges:
    def __init__(self, told):
        self.level = dict.fromkeys(NAMES, 1.0)
        self.told = told

    def step(self, number):
        for name in NAMES:
            self.level[name] += number % 7 - 3.25
            self.told(name, self.level[name])


def main():
    kept = Kept()
    gauges = Gauges(kept.tell)
    for number in range(12_000):
        gauges.step(number)
    print(max(max(values) - min(values) for values in kept.series.values()))


main()
