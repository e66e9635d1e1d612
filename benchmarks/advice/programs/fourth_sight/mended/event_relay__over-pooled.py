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


class Relay:
    def __init__(self):
        self.handlers = defaultdict(list)

    def on(self, kind):
        def attach(fn):
            self.handlers[kind].append(fn)
            return fn
        return attach

    def feed(self, line):
        kind, source, value = line.split()
        event = Event(kind, source, int(value))
        for fn in self.handlers[kind]:
            fn(event)


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
