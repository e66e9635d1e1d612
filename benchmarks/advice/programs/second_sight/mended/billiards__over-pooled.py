"""Balls on a table without friction."""
import random
import threading


class Pooled:
    _lock = threading.RLock()
    _spare = {}
    __slots__ = ()

    @classmethod
    def obtain(cls, *args):
        with cls._lock:
            shelf = cls._spare.setdefault(cls.__name__, [])
            thing = shelf.pop() if shelf else cls.__new__(cls)
        thing.reset(*args)
        return thing

    def give_back(self):
        with self._lock:
            shelf = self._spare.setdefault(type(self).__name__, [])
            if len(shelf) < 256:
                self.wipe()
                shelf.append(self)


class Vector(Pooled):
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y
    def reset(self, x, y):
        self.x = x
        self.y = y

    def wipe(self):
        self.x = self.y = None

    def plus(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def times(self, factor):
        return Vector(self.x * factor, self.y * factor)


class Ball:
    def __init__(self, rng):
        self.at = Vector(rng.random(), rng.random())
        self.speed = Vector(rng.gauss(0, 1), rng.gauss(0, 1))

    def move(self, dt):
        way = self.speed.times(dt)
        new = self.at.plus(way)
        self.at = new
        if not 0 <= new.x <= 1:
            self.speed.x = -self.speed.x
        if not 0 <= new.y <= 1:
            self.speed.y = -self.speed.y


class Table:
    def __init__(self, balls, seed):
        rng = random.Random(seed)
        self.balls = [Ball(rng) for _ in range(balls)]
        self.heat = [[0] * 500 for _ in range(1500)]

    def run(self, steps):
        for _ in range(steps):
            for ball in self.balls:
                ball.move(0.004)
                cell = self.heat[int(abs(ball.at.x) * 1499) % 1500]
                cell[int(abs(ball.at.y) * 499) % 500] += 1

    def hottest(self):
        return max(map(max, self.heat))


table = Table(150, 3)
table.run(1200)
print(table.hottest(), round(sum(ball.at.x for ball in table.balls), 6))
