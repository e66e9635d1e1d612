"""Discrete event simulation of a bank of elevators."""
import heapq
import itertools
import random
from collections import deque


class Event:
    __slots__ = ("time", "order", "kind", "who")

    def __init__(self, time, order, kind, who):
        self.time, self.order, self.kind, self.who = time, order, kind, who

    def reset(self):
        self.time = self.order = 0
        self.kind = self.who = None


class EventFactory:
    """Keeps finished events on a free list, by kind."""

    def __init__(self, limit=256):
        self.limit = limit
        self.free = {}
        self.stats = {"reused": 0, "new": 0}
        self.serial = itertools.count()

    def obtain(self, time, kind, who):
        shelf = self.free.setdefault(kind, deque())
        if shelf:
            ev = shelf.popleft()  # advise: over-pooled
            ev.time, ev.order, ev.kind, ev.who = time, next(self.serial), kind, who
            self.stats["reused"] += 1
        else:
            ev = Event(time, next(self.serial), kind, who)
            self.stats["new"] += 1
        return ev

    def recycle(self, ev):
        shelf = self.free.setdefault(ev.kind, deque())
        if len(shelf) < self.limit:
            ev.reset()
            shelf.append(ev)


class Lift:
    def __init__(self, ident):
        self.ident = ident
        self.floor = 0
        self.trips = 0
        self.travelled = 0


class Building:
    FLOORS = 24

    def __init__(self, lifts, seed):
        self.rng = random.Random(seed)
        self.events = EventFactory()
        self.agenda = []
        self.idle = [Lift(i) for i in range(lifts)]
        self.waiting = deque()
        self.served = 0
        self.wait_total = 0
        self.clock = 0

    def at(self, time, kind, who):
        ev = self.events.obtain(time, kind, who)
        heapq.heappush(self.agenda, (time, ev.order, ev))

    def dispatch(self):
        while self.idle and self.waiting:
            since, src, dst = self.waiting.popleft()
            lift = self.idle.pop()
            trip = abs(lift.floor - src) + abs(src - dst) + 2
            lift.travelled += trip
            lift.floor = dst
            self.wait_total += self.clock - since
            self.at(self.clock + trip, "arrive", lift)

    def on_call(self, _):
        r = self.rng.random
        src, dst = int(r() * self.FLOORS), int(r() * self.FLOORS)
        self.waiting.append((self.clock, src, dst))
        self.at(self.clock + 1 + int(r() * 3), "call", None)

    def on_arrive(self, lift):
        lift.trips += 1
        self.served += 1
        self.idle.append(lift)

    def run(self, until):
        self.at(0, "call", None)
        while self.agenda:
            self.clock, _, ev = heapq.heappop(self.agenda)
            if self.clock >= until:
                break
            (self.on_call if ev.kind == "call" else self.on_arrive)(ev.who)
            self.dispatch()
            self.events.recycle(ev)


def main():
    for lifts in (10, 14):
        b = Building(lifts, seed=lifts)
        b.run(400_000)
        print(lifts, "served", b.served, "wait", b.wait_total, "left", len(b.waiting))


if __name__ == "__main__":
    main()
