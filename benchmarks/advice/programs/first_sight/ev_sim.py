"""Discrete event simulation of a car wash; events are objects handed through a heap."""
import heapq
import random
import threading
from collections import deque


class Event:
    __slots__ = ("time", "order", "kind", "car")

    def set(self, time, order, kind, car):
        self.time = time
        self.order = order
        self.kind = kind
        self.car = car
        return self

    def __lt__(self, other):
        return (self.time, self.order) < (other.time, other.order)


class EventDepot:
    def __init__(self, size):
        self._lock = threading.Lock()
        self._spare = deque(Event() for _ in range(size))
        self.out = 0

    def get(self):
        with self._lock:
            self.out += 1
            return self._spare.popleft() if self._spare else Event()

    def put(self, event):
        event.car = event.kind = None
        with self._lock:
            self.out -= 1
            self._spare.append(event)


class Simulation:
    def __init__(self, seed, bays):
        self.rng = random.Random(seed)
        self.depot = EventDepot(64)
        self.heap = []
        self.now = 0.0
        self.order = 0
        self.bays = bays
        self.waiting = deque()
        self.served = 0
        self.waited = 0.0
        self.longest = 0

    def at(self, delay, kind, car):
        event = self.depot.get()  # advise: over-pooled
        self.order += 1
        heapq.heappush(self.heap, event.set(self.now + delay, self.order, kind, car))

    def run(self, cars):
        self.at(0.0, "arrive", (0, 0.0))
        self.cars = cars
        while self.heap:
            event = heapq.heappop(self.heap)
            self.now = event.time
            kind, car = event.kind, event.car
            self.depot.put(event)
            getattr(self, "on_" + kind)(car)

    def on_arrive(self, car):
        number = car[0]
        if number + 1 < self.cars:
            self.at(self.rng.expovariate(0.9), "arrive", (number + 1, self.now))
        self.waiting.append((number, self.now))
        self.longest = max(self.longest, len(self.waiting))
        self.try_start()

    def try_start(self):
        if self.bays and self.waiting:
            self.bays -= 1
            number, came = self.waiting.popleft()
            self.waited += self.now - came
            self.at(2 + self.rng.random(), "soap", (number, came))

    def on_soap(self, car):
        self.at(0.3 + self.rng.random() / 4, "leave", car)

    def on_leave(self, car):
        self.served += 1
        self.bays += 1
        self.try_start()


def main():
    for bays in (2, 3, 4):
        sim = Simulation(bays * 7, bays)
        sim.run(60_000)
        print(f"{bays} bays: served {sim.served} waited {sim.waited / sim.served:.3f} queue {sim.longest}")


if __name__ == "__main__":
    main()
