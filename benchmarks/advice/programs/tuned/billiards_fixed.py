"""Balls on a table without pockets; each step works out its vectors afresh."""

import math
import random


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y


class Ball:
    def __init__(self, position, velocity):
        self.position = position
        self.velocity = velocity


class Table:
    def __init__(self, balls, seed):
        rng = random.Random(seed)
        self.balls = [
            Ball(Vector(rng.uniform(0, 2), rng.uniform(0, 1)), Vector(rng.gauss(0, 1), rng.gauss(0, 1)))
            for _ in range(balls)
        ]
        self.bounces = 0

    def step(self, dt):
        for ball in self.balls:
            move = Vector(ball.velocity.x * dt, ball.velocity.y * dt)
            target = Vector(ball.position.x + move.x, ball.position.y + move.y)
            if not 0 <= target.x <= 2:
                ball.velocity.x = -ball.velocity.x
                self.bounces += 1
            if not 0 <= target.y <= 1:
                ball.velocity.y = -ball.velocity.y
                self.bounces += 1
            ball.position.x = min(2.0, max(0.0, target.x))
            ball.position.y = min(1.0, max(0.0, target.y))

    def energy(self):
        return math.fsum(b.velocity.x**2 + b.velocity.y**2 for b in self.balls) / 2


def main():
    table = Table(30, 2)
    for _ in range(6000):
        table.step(0.01)
    print(table.bounces, round(table.energy(), 6), round(table.balls[0].position.x, 6))


if __name__ == "__main__":
    main()
