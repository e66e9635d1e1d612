"""Route questions on a city grid; search work spaces are borrowed from a rack and given back."""
# forbid: pool-leak over-pooled pool
import heapq
import random
from contextlib import contextmanager

SIDE = 160


class City:
    def __init__(self, seed):
        rng = random.Random(seed)
        self.cost = bytes(rng.choice((1, 1, 2, 5, 0)) for _ in range(SIDE * SIDE))

    def next_to(self, cell):
        x = cell % SIDE
        if x:
            yield cell - 1
        if x < SIDE - 1:
            yield cell + 1
        if cell >= SIDE:
            yield cell - SIDE
        if cell < SIDE * (SIDE - 1):
            yield cell + SIDE


class WorkSpace:
    """Best distances and marks; `stamp` makes old marks void without clearing."""

    def __init__(self):
        self.best = [0] * (SIDE * SIDE)
        self.mark = [0] * (SIDE * SIDE)
        self.came = [-1] * (SIDE * SIDE)
        self.order = sorted(range(SIDE * SIDE), key=lambda c: (c * 7919) % 10007)
        self.stamp = 0


class Rack:
    def __init__(self):
        self.idle = []
        self.made = 0

    @contextmanager
    def borrow(self):
        if self.idle:
            space = self.idle.pop()
        else:
            space = WorkSpace()
            self.made += 1
        space.stamp += 1
        try:
            yield space
        finally:
            self.idle.append(space)


class NoRoute(Exception):
    pass


class Desk:
    def __init__(self, city, rack):
        self.city, self.rack = city, rack

    def route(self, start, goal, limit):
        with self.rack.borrow() as ws:
            heap = [(0, start)]
            ws.best[start] = 0
            ws.mark[start] = ws.stamp
            while heap:
                d, cell = heapq.heappop(heap)
                if cell == goal:
                    return d
                if d > limit:
                    raise NoRoute
                for n in self.city.next_to(cell):
                    c = self.city.cost[n]
                    if c and (ws.mark[n] != ws.stamp or d + c < ws.best[n]):
                        ws.mark[n] = ws.stamp
                        ws.best[n] = d + c
                        ws.came[n] = cell
                        heapq.heappush(heap, (d + c, n))
            raise NoRoute


def main():
    rng = random.Random(35)
    rack = Rack()
    desk = Desk(City(9), rack)
    total = failed = 0
    for _ in range(2500):
        start = rng.randrange(SIDE * SIDE)
        goal = min(SIDE * SIDE - 1, max(0, start + rng.randrange(-12, 13) + SIDE * rng.randrange(-12, 13)))
        try:
            total += desk.route(start, goal, 30)
        except NoRoute:
            failed += 1
    print("sum", total, "failed", failed, "spaces", rack.made, "idle", len(rack.idle))


if __name__ == "__main__":
    main()
