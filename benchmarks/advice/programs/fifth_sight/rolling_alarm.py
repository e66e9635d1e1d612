"""Rolling alarm over merged machine feeds; keeps the last values of every machine."""
import heapq
import random
from array import array


def feed(machine, count):
    rng = random.Random(machine * 13 + 5)
    now, value = 0.0, 50.0
    for _ in range(count):
        now += rng.random() * 3
        value += rng.uniform(-1, 1)
        yield now, machine, value


class Ring:
    def __init__(self, size):
        self.values = array("d", [0.0]) * size
        self.at = 0
        self.total = 0.0
        self.filled = 0

    def push(self, value):
        self.total += value - self.values[self.at]
        self.values[self.at] = value
        self.at = (self.at + 1) % len(self.values)
        self.filled = min(self.filled + 1, len(self.values))

    @property
    def mean(self):
        return self.total / self.filled


class Monitor:
    def __init__(self, machines, window):
        self.rings = [Ring(window) for _ in range(machines)]
        self.alarms = 0
        self.last = None

    def observe(self, when, machine, value):
        ring = self.rings[machine]
        ring.push(value)
        if abs(value - ring.mean) > 14:
            self.alarms += 1
            self.last = (round(when, 2), machine)


def main():
    machines = 48
    monitor = Monitor(machines, window=16_000)
    for event in heapq.merge(*(feed(m, 5200) for m in range(machines))):
        monitor.observe(*event)
    print("alarms", monitor.alarms, "last", monitor.last)
    print("means", [round(r.mean, 2) for r in monitor.rings[:6]])


if __name__ == "__main__":
    main()
