"""Integrate planets with a small vector class."""
import math


class Vec:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y


class VecStore:
    def __init__(self, limit):
        self._spare = []
        self._limit = limit
        self._lent = set()

    def take(self, x, y):
        if self._spare:
            vec = self._spare.pop()
            vec.x = x
            vec.y = y
        else:
            vec = Vec(x, y)
        self._lent.add(id(vec))
        return vec

    def give(self, vec):
        key = id(vec)
        if key not in self._lent:
            raise ValueError("vector was not taken here")
        self._lent.discard(key)
        if len(self._spare) < self._limit:
            vec.x = 0.0
            vec.y = 0.0
            self._spare.append(vec)


class Body:
    def __init__(self, mass, pos, vel):
        self.mass = mass
        self.pos = pos
        self.vel = vel


def step(bodies, store, dt):
    for body in bodies:
        total = Vec(0.0, 0.0)
        for other in bodies:
            if other is body:
                continue
            gap = Vec(other.pos.x - body.pos.x, other.pos.y - body.pos.y)
            square = gap.x * gap.x + gap.y * gap.y + 0.01
            pull = other.mass / (square * math.sqrt(square))
            total.x += gap.x * pull
            total.y += gap.y * pull
        body.vel.x += total.x * dt
        body.vel.y += total.y * dt
    for body in bodies:
        body.pos.x += body.vel.x * dt
        body.pos.y += body.vel.y * dt


def main():
    store = VecStore(64)
    bodies = [Body(1.0 + n, Vec(math.cos(n) * (n + 1), math.sin(n) * (n + 1)), Vec(0.1 * n, -0.05 * n)) for n in range(12)]
    catalogue = [[float(i + j) for j in range(40)] for i in range(4_000)]
    for _ in range(6_300):
        step(bodies, store, 0.001)
    print(" ".join(f"{b.pos.x:.4f}/{b.pos.y:.4f}" for b in bodies[:4]), len(catalogue))


if __name__ == "__main__":
    main()
