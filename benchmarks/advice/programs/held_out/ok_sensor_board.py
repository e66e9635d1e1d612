"""Widgets listen to sensors while they are shown; hidden widgets let go of them."""
# forbid: leak, arena-pinning
from __future__ import annotations

import random
import weakref
from contextlib import ExitStack, contextmanager
from typing import Protocol


class Listener(Protocol):
    def notify(self, value: int) -> None: ...


class Sensor:
    registry: weakref.WeakValueDictionary[str, Sensor] = weakref.WeakValueDictionary()

    def __init__(self, name: str) -> None:
        self.name = name
        self.listeners: set[Listener] = set()
        Sensor.registry[name] = self

    @contextmanager
    def listening(self, listener: Listener):
        self.listeners.add(listener)
        try:
            yield self
        finally:
            self.listeners.discard(listener)

    def emit(self, value: int) -> None:
        for listener in self.listeners:
            listener.notify(value)


class Gauge:
    def __init__(self) -> None:
        self.history = [0] * 8

    def notify(self, value: int) -> None:
        self.history.pop(0)
        self.history.append(value)

    def level(self) -> int:
        return max(self.history) - min(self.history)


class Page:
    def __init__(self, number: int) -> None:
        self.gauges = [Gauge() for _ in range(6)]
        self.number = number

    def show(self, sensors: list[Sensor], rng: random.Random) -> int:
        with ExitStack() as stack:
            for gauge, sensor in zip(self.gauges, sensors):
                stack.enter_context(sensor.listening(gauge))
            for _ in range(12):
                rng.choice(sensors).emit(rng.randrange(1000))
        return sum(gauge.level() for gauge in self.gauges)


def main() -> None:
    rng = random.Random(2)
    sensors = [Sensor(f"s{n}") for n in range(6)]
    total = 0
    for number in range(24_000):
        total += Page(number).show(sensors, rng)
    print("total", total, "listening", sum(len(sensor.listeners) for sensor in sensors))
    print("sensors", sorted(Sensor.registry))


main()
