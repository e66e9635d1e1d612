"""Fireflies drifting over a torus; prints how they cluster after some steps."""
import collections
import math
import random

SIZE = 512.0


class Firefly:
    def __init__(self, rng, brightness):
        self.x = rng.random() * SIZE
        self.y = rng.random() * SIZE
        self.angle = rng.random() * math.tau
        self.brightness = brightness
        self.period = 5 + int(self.x) % 11
        self.flashes = 0

    def step(self, clock):
        self.x = (self.x + math.cos(self.angle)) % SIZE
        self.y = (self.y + math.sin(self.angle)) % SIZE
        if clock % self.period == 0:
            self.flashes += 1
            self.angle += 0.3

    def cell(self):
        return int(self.x) >> 6, int(self.y) >> 6


def populate(count, seed):
    rng = random.Random(seed)
    return [Firefly(rng, n % 16) for n in range(count)]  # advise: compact


def run(count=60_000, steps=28):
    swarm = populate(count, seed=3)
    for clock in range(1, steps + 1):
        for firefly in swarm:
            firefly.step(clock)
    cells = collections.Counter()
    for firefly in swarm:
        cells[firefly.cell()] += firefly.brightness
    return cells, sum(firefly.flashes for firefly in swarm)


cells, flashes = run()
for cell, light in sorted(cells.items(), key=lambda item: (-item[1], item[0]))[:5]:
    print(cell, light)
print("flashes", flashes)
