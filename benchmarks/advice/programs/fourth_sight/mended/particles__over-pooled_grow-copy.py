"""A small fountain of particles; keeps the path of one of them."""
import math
import random


class Drop:
    __slots__ = ("x", "y", "vx", "vy", "age")

    def __init__(self, x, y, vx, vy):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy
        self.age = 0


class Fountain:
    def __init__(self, seed, rate):
        self.rng = random.Random(seed)
        self.rate = rate
        self.trace = []
        self.landed = 0
        self.far = 0.0

    def burst(self):
        angle = self.rng.random() * math.tau
        for k in range(self.rate):
            angle += 0.1
            yield Drop(0.0, 1.0, 0.3 * math.cos(angle) - k * 0.001, 2.0)

    def step(self):
        for drop in self.burst():
            drop.x += drop.vx
            drop.y += drop.vy
            drop.vy -= 9.81
            if drop.y > -5.0:
                self.far = max(self.far, abs(drop.x))
                self.landed += 1
        self.trace.append((self.far, self.landed))


def main():
    fountain = Fountain(3, 60)
    for _ in range(14000):
        fountain.step()
    print(fountain.landed, f"{fountain.far:.5f}", len(fountain.trace), f"{fountain.trace[4321][0]:.5f}")


if __name__ == "__main__":
    main()
