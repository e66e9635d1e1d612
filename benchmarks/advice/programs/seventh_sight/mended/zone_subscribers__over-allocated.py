import random
from collections import defaultdict, deque


class ZoneRegistry:
    def __init__(self):
        self.waiting = defaultdict(list)
        self.served = 0

    def join(self, zone, rider):
        self.waiting[zone].append(rider)

    def serve(self, zone):
        queue = self.waiting.get(zone)
        if queue and len(queue) > 1:
            self.served += 1
            return queue.pop(0)
        return None

    def longest(self):
        return max((len(q), -zone) for zone, q in self.waiting.items())


class City:
    def __init__(self, zones, seed):
        self.zones = zones
        self.rng = random.Random(seed)
        self.registry = ZoneRegistry()
        self.checksum = 0

    def morning(self, riders):
        for rider in range(riders):
            self.registry.join(self.rng.randrange(self.zones), rider)

    def day(self, cars):
        for _ in range(cars):
            rider = self.registry.serve(self.rng.randrange(self.zones))
            if rider is not None:
                self.checksum = (self.checksum * 13 + rider) % 1_000_000_007


def main():
    city = City(zones=150_000, seed=27)
    city.morning(230_000)
    city.day(200_000)
    length, zone = city.registry.longest()
    print(len(city.registry.waiting), city.registry.served, length, -zone, city.checksum)


if __name__ == "__main__":
    main()
