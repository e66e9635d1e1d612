"""Runs the small jobs of many tenants and reports what each of them logged."""
import logging
import random
from collections import Counter, deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    tenant: str
    number: int
    rows: tuple

    @property
    def tag(self):
        return f"{self.tenant}-{self.number:06d}"


class CountingHandler(logging.Handler):
    """Counts by level and keeps the last few formatted lines."""

    def __init__(self, keep):
        super().__init__()
        self.levels = Counter()
        self.tail = deque(maxlen=keep)

    def emit(self, record):
        self.levels[record.levelname] += 1
        self.tail.append(self.format(record))


class Runner:
    def __init__(self):
        self.results = Counter()

    def run(self, job):
        log = logging.getLogger("jobs." + job.tag)  # advise: leak
        total = skipped = 0
        for row in job.rows:
            if row < 0:
                skipped += 1
            else:
                total += row * row % 97
        log.debug("rows %s", job.rows)
        if skipped > 5:
            log.warning("%d rows skipped", skipped)
        else:
            log.info("total %d", total)
        self.results[job.tenant] += total
        return total


class Scheduler:
    """Round-robin over the tenants' queues."""

    def __init__(self, jobs):
        self.jobs = jobs

    def __iter__(self):
        lanes = {}
        for job in self.jobs:
            lanes.setdefault(job.tenant, deque()).append(job)
            if len(lanes[job.tenant]) >= 8:
                for lane in lanes.values():
                    if lane:
                        yield lane.popleft()
        for lane in lanes.values():
            yield from lane


def workload(n, seed=29):
    rng = random.Random(seed)
    tenants = ["acme", "bolt", "crux", "dune", "echo"]
    for number in range(n):
        rows = tuple(rng.randrange(-100, 400) for _ in range(rng.randrange(10, 24)))
        yield Job(rng.choice(tenants), number, rows)


def main():
    root = logging.getLogger("jobs")
    root.setLevel(logging.INFO)
    root.propagate = False
    counting = CountingHandler(4)
    counting.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    root.addHandler(counting)

    runner = Runner()
    best = max(runner.run(job) for job in Scheduler(workload(48_000)))
    print(sorted(runner.results.items()), best)
    print(sorted(counting.levels.items()))
    for line in counting.tail:
        print(line)


if __name__ == "__main__":
    main()
