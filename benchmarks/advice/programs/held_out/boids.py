# forbid: pool over-pooled
"""Boids on a torus with a cell grid; vectors are immutable named tuples."""
import math
import random
from collections import defaultdict
from typing import NamedTuple

SIZE, CELL = 400.0, 25.0


class Vec(NamedTuple):
    x: float
    y: float

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y)

    def scale(self, k):
        return Vec(self.x * k, self.y * k)

    def wrap(self):
        return Vec(self.x % SIZE, self.y % SIZE)

    def norm(self):
        return math.hypot(self.x, self.y)


class Boid:
    __slots__ = ("pos", "vel")

    def __init__(self, pos, vel):
        self.pos, self.vel = pos, vel


class Flock:
    def __init__(self, n, seed):
        rng = random.Random(seed)
        self.boids = [Boid(Vec(rng.uniform(0, SIZE), rng.uniform(0, SIZE)),
                           Vec(rng.uniform(-1, 1), rng.uniform(-1, 1))) for _ in range(n)]

    def grid(self):
        cells = defaultdict(list)
        for b in self.boids:
            cells[int(b.pos.x // CELL), int(b.pos.y // CELL)].append(b)
        return cells

    def step(self):
        cells = self.grid()
        plan = []
        for b in self.boids:
            near = cells[int(b.pos.x // CELL), int(b.pos.y // CELL)]
            heading, push, n = Vec(0.0, 0.0), Vec(0.0, 0.0), 0
            for other in near:
                if other is b:
                    continue
                gap = b.pos - other.pos
                heading += other.vel
                d = gap.norm()
                if 0 < d < 6:
                    push += gap.scale(0.05 / d)
                n += 1
            vel = b.vel + push
            if n:
                vel += (heading.scale(1 / n) - b.vel).scale(0.06)
            speed = vel.norm()
            plan.append(vel.scale(1.5 / speed) if speed > 1.5 else vel)
        for b, vel in zip(self.boids, plan):
            b.vel = vel
            b.pos = (b.pos + vel).wrap()

    def order(self):
        total = Vec(0.0, 0.0)
        for b in self.boids:
            total += b.vel
        return total.norm() / sum(b.vel.norm() for b in self.boids)


def main():
    flock = Flock(420, seed=2)
    for tick in range(301):
        if tick % 60 == 0:
            print(f"tick {tick:3d} order {flock.order():.5f}")
        flock.step()


if __name__ == "__main__":
    main()
