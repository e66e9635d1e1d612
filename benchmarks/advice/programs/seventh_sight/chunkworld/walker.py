import random


class Walker:
    HEADINGS = ((1, 0), (0, 1), (-1, 0), (0, -1))

    def __init__(self, terrain, start, seed):
        self.terrain = terrain
        self.x, self.y = start
        self.rng = random.Random(seed)
        self.heading = 0
        self.climbed = 0
        self.far = 0

    def look(self, distance):
        height = self.terrain.height
        total = 0
        for step in range(1, distance):
            dx, dy = self.HEADINGS[(self.heading + step) & 3]
            total += height(self.x + dx * step * 9, self.y + dy * step * 9)
        return total

    def walk(self, steps):
        height = self.terrain.height
        before = height(self.x, self.y)
        for step in range(steps):
            if self.rng.random() < 0.01:
                self.heading = (self.heading + self.rng.choice((1, 3))) & 3
            dx, dy = self.HEADINGS[self.heading]
            self.x = min(max(self.x + dx * 3, -700), 700)
            self.y = min(max(self.y + dy * 3, -700), 700)
            now = height(self.x, self.y)
            self.climbed += max(0, now - before)
            before = now
            if step % 50 == 0:
                self.far = (self.far + self.look(40)) % 1_000_003
