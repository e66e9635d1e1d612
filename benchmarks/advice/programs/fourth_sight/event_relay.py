"""Relay: parses input lines to events, hands each to the handlers of its kind."""
import random
import threading
from collections import Counter, defaultdict


class Event:
    __slots__ = ("kind", "source", "value")

    def __init__(self, kind=None, source=None, value=0):
        self.kind = kind
        self.source = source
        self.value = value


class EventSupply:
    def __init__(self, start=64):
        self._lock = threading.Lock()
        self._ready = [Event() for _ in range(start)]

    def get(self, kind, source, value):
        with self._lock:
            event = self._ready.pop() if self._ready else Event()
        event.kind, event.source, event.value = kind, source, value
        return event

    def release(self, event):
        event.kind = event.source = None
        event.value = 0
        with self._lock:
            if len(self._ready) < 256:
                self._ready.append(event)


class Relay:
    def __init__(self):
        self.supply = EventSupply()
        self.handlers = defaultdict(list)

    def on(self, kind):
        def attach(fn):
            self.handlers[kind].append(fn)
            return fn
        return attach

    def feed(self, line):
        kind, source, value = line.split()
        event = self.supply.get(kind, source, int(value))
        try:
            for fn in self.handlers[kind]:
                fn(event)
        finally:
            self.supply.release(event)


relay = Relay()
heat = Counter()
doors = Counter()


@relay.on("temp")
def warm(event):
    heat[event.source] += event.value > 30


@relay.on("door")
def opened(event):
    doors[event.source] += 1


def main():
    rng = random.Random(44)
    sample = [f"{rng.choice(('temp', 'door', 'ping'))} s{rng.randrange(30)} {rng.randrange(45)}"
              for _ in range(3000)]
    for _ in range(260):
        for line in sample:
            relay.feed(line)
    print(sum(heat.values()), sum(doors.values()), heat.most_common(1), doors.most_common(1))


if __name__ == "__main__":
    main()
