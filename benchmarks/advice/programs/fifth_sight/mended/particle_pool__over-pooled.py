"""Fountain simulation with short-lived particles."""
import random
import threading
from array import array
from collections import deque


class Particle:
    __slots__ = ("x", "y", "vx", "vy")

    def __init__(self, x=0.0, y=0.0, vx=0.0, vy=0.0):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy


class ParticlePool:
    def __init__(self, size):
        self._lock = threading.Lock()
        self._idle = deque(Particle() for _ in range(size))
        self.size = size

    def acquire(self, x, y, vx, vy):
        with self._lock:
            if self._idle:
                item = self._idle.popleft()
            else:
                item = Particle()
        item.x = x
        item.y = y
        item.vx = vx
        item.vy = vy
        return item

    def release(self, item):
        item.x = item.y = item.vx = item.vy = 0.0
        with self._lock:
            if len(self._idle) < self.size:
                self._idle.append(item)


class Fountain:
    def __init__(self, seed, columns):
        self.rng = random.Random(seed)
        self.heat = array("I", [0]) * columns
        self.landed = 0

    def burst(self, count):
        uniform = self.rng.random
        return [Particle(0.5, 0.0, uniform() - 0.5, uniform()) for _ in range(count)]

    def settle(self, particles):
        columns = len(self.heat)
        for p in particles:
            flight = p.vy / 4.9
            p.x += p.vx * flight
            self.heat[int(p.x * columns) % columns] += 1
            self.landed += 1


def main():
    fountain = Fountain(seed=10, columns=64)
    for tick in range(450):
        fountain.settle(fountain.burst(1200 + tick % 7))
    print("landed", fountain.landed)
    print(list(fountain.heat)[24:40])


if __name__ == "__main__":
    main()
