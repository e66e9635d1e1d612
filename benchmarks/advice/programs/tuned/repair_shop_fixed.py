"""Discrete-event model of a repair shop: machines fail, queue for mechanics, return to work."""
import heapq
import random
from collections import deque


class Event:
    __slots__ = ("when", "kind", "machine")

    def __init__(self, when=0.0, kind="", machine=-1):
        self.when, self.kind, self.machine = when, kind, machine

    def __lt__(self, other):
        return self.when < other.when


class Agenda:
    """Time-ordered events."""

    def __init__(self):
        self.heap = []
        self.served = 0

    def post(self, when, kind, machine):
        heapq.heappush(self.heap, Event(when, kind, machine))

    def until(self, horizon):
        while self.heap and self.heap[0].when < horizon:
            event = heapq.heappop(self.heap)
            self.served += 1
            yield event.when, event.kind, event.machine


class Shop:
    def __init__(self, machines, mechanics, seed):
        self.rng = random.Random(seed)
        self.agenda = Agenda()
        self.free = mechanics
        self.waiting = deque()
        self.down_time = 0.0
        self.failed_at = [0.0] * machines
        for m in range(machines):
            self.agenda.post(self.rng.random() * 40, "fail", m)

    def on_fail(self, now, m):
        self.failed_at[m] = now
        if self.free:
            self.free -= 1
            self.agenda.post(now + 0.5 + self.rng.random(), "fixed", m)
        else:
            self.waiting.append(m)

    def on_fixed(self, now, m):
        self.down_time += now - self.failed_at[m]
        self.agenda.post(now + 20 + 40 * self.rng.random(), "fail", m)
        if self.waiting:
            self.agenda.post(now + 0.5 + self.rng.random(), "fixed", self.waiting.popleft())
        else:
            self.free += 1

    def simulate(self, horizon):
        handlers = {"fail": self.on_fail, "fixed": self.on_fixed}
        for now, kind, machine in self.agenda.until(horizon):
            handlers[kind](now, machine)


def main():
    for mechanics in (4, 6, 8):
        shop = Shop(machines=240, mechanics=mechanics, seed=99)
        shop.simulate(22_000 if mechanics == 4 else 15_000)
        print(f"{mechanics} mechanics: {shop.agenda.served} events, "
              f"down {shop.down_time:.1f}, queue {len(shop.waiting)}")


if __name__ == "__main__":
    main()
