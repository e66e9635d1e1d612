"""Particle fountain: positions and speeds are small vectors, pictures are printed as text."""
import random


class Vec:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y


class VecStock:
    """Keeps vectors for the next user."""

    def __init__(self):
        self.stock = []
        self.taken = 0
        self.limit = 4096

    def take(self, x, y):
        self.taken += 1
        if self.stock:
            v = self.stock.pop()
            v.x = x
            v.y = y
            return v
        return Vec(x, y)

    def give(self, v):
        if len(self.stock) < self.limit:
            v.x = v.y = 0.0
            self.stock.append(v)


VECS = VecStock()


def plus(a, b, scale):
    return VECS.take(a.x + b.x * scale, a.y + b.y * scale)  # advise: over-pooled


class Spark:
    def __init__(self, rng):
        self.at = Vec(0.0, 0.0)
        self.speed = Vec(rng.gauss(0, 3), 12 + rng.random() * 6)
        self.age = 0

    def step(self, gravity, dt):
        speed = plus(self.speed, gravity, dt)
        at = plus(self.at, speed, dt)
        VECS.give(self.speed)
        VECS.give(self.at)
        self.speed, self.at = speed, at
        self.age += 1


class Fountain:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.sparks = []
        self.landed = 0
        self.far = 0.0

    def frame(self, dt):
        gravity = Vec(0.0, -9.81)
        for _ in range(9):
            self.sparks.append(Spark(self.rng))
        alive = []
        for s in self.sparks:
            s.step(gravity, dt)
            if s.at.y < 0:
                self.landed += 1
                self.far = max(self.far, abs(s.at.x))
            else:
                alive.append(s)
        self.sparks = alive

    def picture(self, width, height):
        cells = [[" "] * width for _ in range(height)]
        for s in self.sparks:
            cx, cy = int(width / 2 + s.at.x * 2), int(height - 1 - s.at.y)
            if 0 <= cx < width and 0 <= cy < height:
                cells[cy][cx] = "*" if s.age < 60 else "."
        return ["".join(row).rstrip() for row in cells]


def main():
    fountain = Fountain(8)
    for _ in range(900):
        fountain.frame(0.02)
    for row in fountain.picture(60, 16):
        print(row)
    print("alive", len(fountain.sparks), "landed", fountain.landed, f"far {fountain.far:.3f}")


if __name__ == "__main__":
    main()
