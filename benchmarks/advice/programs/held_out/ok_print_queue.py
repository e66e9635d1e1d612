"""Simulates a shared printer: the backlog rises through the morning and is gone by the evening."""

# forbid: leak compact over-pooled gc-pressure

import heapq
import random
from itertools import count


class Job:
    __slots__ = ("owner", "pages", "arrived")

    def __init__(self, owner, pages, arrived):
        self.owner = owner
        self.pages = pages
        self.arrived = arrived


class Printer:
    def __init__(self, pages_per_minute):
        self.rate = pages_per_minute
        self.backlog = []
        self.tick = count()
        self.longest_wait = 0
        self.deepest = 0
        self.printed = 0

    def submit(self, job):
        urgency = 0 if job.owner == "director" else job.pages
        heapq.heappush(self.backlog, (urgency, next(self.tick), job))
        self.deepest = max(self.deepest, len(self.backlog))

    def run(self, minute):
        budget = self.rate
        while self.backlog and budget > 0:
            _, _, job = heapq.heappop(self.backlog)
            budget -= job.pages
            self.printed += job.pages
            self.longest_wait = max(self.longest_wait, minute - job.arrived)


def arrivals(minute, rng):
    """Rush between nine and twelve, next to nothing later."""
    hour = minute / 60
    mean = 24 if 9 <= hour < 12 else 3 if 8 <= hour < 17 else 0
    return rng.randint(0, 2 * mean)


def main():
    rng = random.Random(99)
    printer = Printer(120)
    staff = [f"clerk{n}" for n in range(40)] + ["director"]
    leftovers = []
    for day in range(80):
        for minute in range(24 * 60):
            for _ in range(arrivals(minute, rng)):
                printer.submit(Job(rng.choice(staff), rng.randint(1, 14), minute))
            printer.run(minute)
        leftovers.append(len(printer.backlog))
    print(printer.printed, printer.deepest, printer.longest_wait, max(leftovers))


if __name__ == "__main__":
    main()
