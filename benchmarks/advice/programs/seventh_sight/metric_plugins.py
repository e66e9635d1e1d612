import math
import random

import attr

PLUGINS = {}


def plugin(name):
    def register(cls):
        PLUGINS[name] = cls
        return cls
    return register


@attr.s(slots=True)
class Gauge:
    name = attr.ib()
    low = attr.ib(default=math.inf)
    high = attr.ib(default=-math.inf)
    count = attr.ib(default=0)

    def update(self, value):
        if value < self.low:
            self.low = value
        if value > self.high:
            self.high = value
        self.count += 1


@plugin("noise")
class NoiseGauge:
    def __init__(self, table):
        self.table = table
        self.gauge = Gauge("noise")

    def on_value(self, value):
        if self.table[value] < 24:
            self.gauge.update(value)


@plugin("square")
class SquareGauge:
    def __init__(self, table):
        self.gauge = Gauge("square")

    def on_value(self, value):
        root = math.isqrt(value)
        if root * root == value:
            self.gauge.update(value)


@plugin("twin")
class TwinGauge(NoiseGauge):
    def __init__(self, table):
        super().__init__(table)
        self.gauge = Gauge("twin")

    def on_value(self, value):
        if value > 2 and self.table[value] == self.table[value - 2]:
            self.gauge.update(value)


class Bus:
    def __init__(self):
        self.listeners = []

    def attach(self, listener):
        self.listeners.append(listener.on_value)

    def emit(self, value):
        for listener in self.listeners:
            listener(value)


def noise_table(limit):
    rng = random.Random(5)
    table = bytearray(limit)
    for start in range(0, limit, 4_000):
        table[start:start + 4_000] = rng.randbytes(4_000)
    return table


def main():
    table = noise_table(9_000_000)
    bus = Bus()
    active = [PLUGINS[name](table) for name in sorted(PLUGINS)]
    for listener in active:
        bus.attach(listener)
    value = 17
    for _ in range(700_000):
        value = (value * 48_271 + 11) % 8_999_993
        bus.emit(value)
    for listener in active:
        print(listener.gauge)


if __name__ == "__main__":
    main()
