"""Unique-visitor counter: one figure per (tenant, minute) over a click feed.

Visitor ids are dense integers, so membership is a byte map. Listeners get a
`WindowClosed` for each minute; the spiky minutes are reported at the end."""
import heapq
import random
from dataclasses import dataclass, field

VISITORS = 12_000_000


@dataclass(order=True)
class WindowClosed:
    uniques: int
    minute: int = field(compare=False)
    hits: int = field(compare=False)


class UniqueCounter:
    def __init__(self, width):
        self.width = width
        self.seen = bytearray(width)
        self.marked = []
        self.listeners = []
        self.minute = None
        self.hits = self.uniques = 0

    def subscribe(self, fn):
        self.listeners.append(fn)
        return fn

    def feed(self, minute, visitor):
        if minute != self.minute:
            self._roll(minute)
        self.hits += 1
        if not self.seen[visitor]:
            self.seen[visitor] = 1
            self.marked.append(visitor)
            self.uniques += 1

    def _roll(self, minute):
        if self.minute is not None:
            event = WindowClosed(self.uniques, self.minute, self.hits)
            for fn in self.listeners:
                fn(event)
        self.minute = minute
        self.hits = self.uniques = 0
        for visitor in self.marked:
            self.seen[visitor] = 0
        self.marked.clear()

    def finish(self):
        self._roll(None)


class TopMinutes:
    def __init__(self, keep):
        self.keep = keep
        self.heap = []

    def __call__(self, event):
        if len(self.heap) < self.keep:
            heapq.heappush(self.heap, event)
        else:
            heapq.heappushpop(self.heap, event)

    def ranked(self):
        return sorted(self.heap, reverse=True)


class Repeats:
    def __init__(self):
        self.hits = self.uniques = 0

    def __call__(self, event):
        self.hits += event.hits
        self.uniques += event.uniques

    @property
    def ratio(self):
        return self.hits / self.uniques if self.uniques else 0.0


def clicks(minutes, seed=17):
    rng = random.Random(seed)
    regulars = [rng.randrange(VISITORS) for _ in range(400)]
    for minute in range(minutes):
        busy = 5 if minute % 97 == 0 else 1
        for _ in range(420 * busy):
            if rng.random() < 0.3:
                yield minute, rng.choice(regulars)
            else:
                yield minute, int(rng.random() * VISITORS)


def main():
    counter = UniqueCounter(VISITORS)
    top = counter.subscribe(TopMinutes(5))
    repeats = counter.subscribe(Repeats())
    for minute, visitor in clicks(3_000):
        counter.feed(minute, visitor)
    counter.finish()
    for event in top.ranked():
        print(f"{event.minute:4d} {event.uniques:5d} of {event.hits}")
    print(f"repeat ratio {repeats.ratio:.4f}")


if __name__ == "__main__":
    main()
