"""Groups a day of front-end events into sessions and scores the funnels."""
import random
import sys
from bisect import bisect_right
from collections import Counter
from operator import attrgetter

STEPS = tuple(map(sys.intern, ("landing", "search", "detail", "cart", "pay")))
IDLE = 1800


class Event:
    __slots__ = ("visitor", "second")

    kind = "event"

    def __init__(self, visitor, second):
        self.visitor = visitor
        self.second = second

    def weight(self):
        return 1


class Click(Event):
    __slots__ = ("step", "element")

    kind = "click"

    def __init__(self, visitor, second, step, element):
        super().__init__(visitor, second)
        self.step = step
        self.element = element

    def weight(self):
        return 1 + STEPS.index(self.step)


class Scroll(Event):
    __slots__ = ("depth",)

    kind = "scroll"

    def __init__(self, visitor, second, depth):
        super().__init__(visitor, second)
        self.depth = depth

    def weight(self):
        return self.depth // 50


class Day:
    def __init__(self, raw):
        self.events = [self._decode(fields) for fields in raw]
        self.events.sort(key=attrgetter("visitor", "second"))

    @staticmethod
    def _decode(fields):
        visitor, second, a, b = fields
        return Click(visitor, second, a, b) if b else Scroll(visitor, second, a)

    def sessions(self):
        """Yield index ranges of events that belong together."""
        start = 0
        for i in range(1, len(self.events) + 1):
            if i == len(self.events) or self._apart(self.events[i - 1], self.events[i]):
                yield start, i
                start = i

    @staticmethod
    def _apart(a, b):
        return a.visitor != b.visitor or b.second - a.second > IDLE


def raw_events(n, seed=77):
    rng = random.Random(seed)
    elements = [f"btn-{i}" for i in range(1, 60)]
    visitors = list(range(20_000))
    seconds = list(range(86_400))
    for _ in range(n):
        visitor, second = rng.choice(visitors), rng.choice(seconds)
        if rng.random() < 0.8:
            yield visitor, second, rng.choice(STEPS), rng.choice(elements)
        else:
            yield visitor, second, rng.randrange(101), None


def main():
    day = Day(raw_events(230_000))
    lengths, scores = Counter(), Counter()
    marks = (2, 5, 10, 20)
    for lo, hi in day.sessions():
        lengths[bisect_right(marks, hi - lo)] += 1
        score = sum(day.events[i].weight() for i in range(lo, hi))
        scores[min(score // 5, 9)] += 1
    print("lengths", sorted(lengths.items()))
    print("scores ", sorted(scores.items()))
    first, last = day.events[0], day.events[-1]
    print(first.kind, first.second, last.kind, last.second, len(day.events))


if __name__ == "__main__":
    main()
