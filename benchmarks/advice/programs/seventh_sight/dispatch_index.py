import random
from collections import defaultdict


class TimeSlotIndex:
    def __init__(self):
        self.slots = {}
        self.by_driver = defaultdict(list)

    def reserve(self, driver, day, minute, stop):
        key = (driver, day, minute // 15)
        entry = self.slots.get(key)
        if entry is None:
            entry = self.slots[key] = [[], set()]
            self.by_driver[driver].append(key)
        entry[0].append((minute, [stop, None]))
        entry[1].add(stop % 11)

    def conflicts(self):
        return sum(1 for stops, _ in self.slots.values() if len(stops) > 1)

    def load(self, driver):
        return sum(len(self.slots[key][0]) for key in self.by_driver[driver])


class Dispatcher:
    def __init__(self, drivers, seed):
        self.drivers = drivers
        self.rng = random.Random(seed)
        self.index = TimeSlotIndex()

    def assign(self, requests):
        rng = self.rng
        for stop in range(requests):
            self.index.reserve(int(rng.random() * self.drivers), int(rng.random() * 30), 360 + int(rng.random() * 840), stop)

    def busiest(self, count):
        ranked = sorted(range(self.drivers), key=lambda d: (-self.index.load(d), d))
        return [(d, self.index.load(d)) for d in ranked[:count]]


def main():
    dispatcher = Dispatcher(drivers=300, seed=23)
    dispatcher.assign(260_000)
    print(len(dispatcher.index.slots), dispatcher.index.conflicts())
    print(dispatcher.busiest(4))


if __name__ == "__main__":
    main()
