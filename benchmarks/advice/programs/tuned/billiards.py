"""Balls on a table without pockets; the vectors come from a shared pool, 'to spare the allocator'."""

import math
import queue
import random


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y


class VectorPool:
    def __init__(self, size):
        self.free = queue.LifoQueue()
        for _ in range(size):
            self.free.put(Vector())

    def acquire(self, x, y):
        try:
            vector = self.free.get_nowait()  # advise: over-pooled
        except queue.Empty:
            vector = Vector()
        vector.x, vector.y = x, y
        return vector

    def release(self, vector):
        self.free.put(vector)


class Ball:
    def __init__(self, position, velocity):
        self.position = position
        self.velocity = velocity


class Table:
    def __init__(self, balls, seed):
        rng = random.Random(seed)
        self.pool = VectorPool(64)
        self.balls = [
            Ball(Vector(rng.uniform(0, 2), rng.uniform(0, 1)), Vector(rng.gauss(0, 1), rng.gauss(0, 1)))
            for _ in range(balls)
        ]
        self.bounces = 0

    def step(self, dt):
        for ball in self.balls:
            move = self.pool.acquire(ball.velocity.x * dt, ball.velocity.y * dt)
            target = self.pool.acquire(ball.position.x + move.x, ball.position.y + move.y)
            if not 0 <= target.x <= 2:
                ball.velocity.x = -ball.velocity.x
                self.bounces += 1
            if not 0 <= target.y <= 1:
                ball.velocity.y = -ball.velocity.y
                self.bounces += 1
            ball.position.x = min(2.0, max(0.0, target.x))
            ball.position.y = min(1.0, max(0.0, target.y))
            self.pool.release(target)
            self.pool.release(move)

    def energy(self):
        return math.fsum(b.velocity.x**2 + b.velocity.y**2 for b in self.balls) / 2


def main():
    table = Table(30, 2)
    for _ in range(6000):
        table.step(0.01)
    print(table.bounces, round(table.energy(), 6), round(table.balls[0].position.x, 6))


if __name__ == "__main__":
    main()
