import array
import math
import random
import threading


class Vec:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y


class VecPool:
    def __init__(self, limit):
        self.limit = limit
        self.free = []
        self.lock = threading.Lock()

    def take(self, x, y):
        with self.lock:
            vec = self.free.pop() if self.free else Vec()
        vec.x = x
        vec.y = y
        return vec

    def give(self, vec):
        vec.x = vec.y = 0.0
        with self.lock:
            if len(self.free) < self.limit:
                self.free.append(vec)


class Drifters:
    def __init__(self, count, steps, seed):
        rng = random.Random(seed)
        self.pool = VecPool(256)
        self.xs = array.array("d", (rng.uniform(0, 100) for _ in range(count)))
        self.ys = array.array("d", (rng.uniform(0, 100) for _ in range(count)))
        self.trace = array.array("d", bytes(8 * count * steps))
        self.step_number = 0

    def current(self, x, y):
        return Vec(math.sin(y * 0.06) * 0.4, math.cos(x * 0.05) * 0.3)

    def wind(self, x, y):
        return Vec(0.1 + 0.002 * y, -0.05 + 0.001 * x)

    def step(self):
        pool = self.pool
        base = self.step_number * len(self.xs)
        for i in range(len(self.xs)):
            x, y = self.xs[i], self.ys[i]
            flow = self.current(x, y)
            push = self.wind(x, y)
            self.xs[i] = (x + flow.x + push.x) % 100.0
            self.ys[i] = (y + flow.y + push.y) % 100.0
            self.trace[base + i] = abs(flow.x) + abs(push.y)
        self.step_number += 1

    def widest(self):
        count = len(self.xs)
        spans = []
        for i in range(count):
            column = self.trace[i::count]
            spans.append((max(column) - min(column), i))
        return max(spans)


def main():
    drift = Drifters(8000, 100, 77)
    for _ in range(100):
        drift.step()
    print(f"{sum(drift.xs):.6f} {sum(drift.ys):.6f}")
    span, index = drift.widest()
    print(f"{span:.6f}", index)


if __name__ == "__main__":
    main()
