"""Drift of a star cluster under a crude central force."""
import math
import random


class Body:
    __slots__ = ("x", "y", "vx", "vy", "mass", "born")
    def __init__(self, x, y, vx, vy, mass):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy
        self.mass = mass
        self.born = 0

    def pull(self, dt):
        r2 = self.x * self.x + self.y * self.y + 0.1
        f = -1.0 / (r2 * math.sqrt(r2))
        self.vx += f * self.x * dt
        self.vy += f * self.y * dt

    def drift(self, dt):
        self.x += self.vx * dt
        self.y += self.vy * dt

    def energy(self):
        return 0.5 * self.mass * (self.vx ** 2 + self.vy ** 2)


class Star(Body):
    __slots__ = ()
    kind = "star"


class Dwarf(Body):
    __slots__ = ()
    kind = "dwarf"

    def energy(self):
        return 0.0


class Cluster:
    def __init__(self, size, seed):
        rng = random.Random(seed)
        self.bodies = [
            (Dwarf if rng.random() < 0.3 else Star)(
                rng.uniform(-5, 5), rng.uniform(-5, 5), rng.gauss(0, 0.1), rng.gauss(0, 0.1), 1.0
            )
            for _ in range(size)
        ]

    def step(self, dt):
        for body in self.bodies:
            body.pull(dt)
            body.drift(dt)

    def report(self):
        total = sum(body.energy() for body in self.bodies)
        dwarfs = sum(body.kind == "dwarf" for body in self.bodies)
        return "energy %.6f dwarfs %d" % (total, dwarfs)


if __name__ == "__main__":
    cluster = Cluster(150_000, 8)
    for _ in range(4):
        cluster.step(0.01)
    print(cluster.report())
