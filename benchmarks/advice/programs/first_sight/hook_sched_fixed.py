"""Cooperative job scheduler with hooks: jobs run in slices, a supervisor restarts failing ones."""
import heapq
import random
import zlib


class JobFailed(Exception):
    pass


class Hooks:
    def __init__(self):
        self._by_name = {"start": [], "end": [], "shutdown": []}

    def on(self, name, fn):
        self._by_name[name].append(fn)
        return fn

    def off(self, name, fn):
        self._by_name[name].remove(fn)

    def fire(self, name, *args):
        for fn in list(self._by_name[name]):
            fn(*args)


class Job:
    def __init__(self, number, rng):
        self.number = number
        self.slices = rng.randrange(2, 9)
        self.fails_at = rng.randrange(60)
        self.rng = rng

    def run(self):
        """Generator: yields the delay until the next slice; the last result is a checksum."""
        rows = []
        for i in range(self.slices):
            if i == self.fails_at:
                raise JobFailed(self.number)
            rows.append(self.rng.randbytes(400))
            yield 1 + i % 3
        return zlib.crc32(b"".join(rows))


class Scheduler:
    def __init__(self, hooks):
        self.hooks = hooks
        self.heap = []
        self.now = 0
        self.order = 0
        self.results = 0
        self.failed = 0
        self.closed_early = 0

    def push(self, delay, job, steps, stop):
        self.order += 1
        heapq.heappush(self.heap, (self.now + delay, self.order, job, steps, stop))

    def launch(self, job):
        steps = job.run()

        def stop():
            if steps.gi_frame is not None:
                self.closed_early += 1
                steps.close()

        self.hooks.on("shutdown", stop)
        self.hooks.fire("start", job)
        self.push(0, job, steps, stop)

    def turn(self):
        self.now, _, job, steps, stop = heapq.heappop(self.heap)
        try:
            delay = next(steps)
        except StopIteration as end:
            self.results ^= end.value
            self.finish(job, stop)
        except JobFailed:
            self.failed += 1
            self.finish(job, stop)
        else:
            self.push(delay, job, steps, stop)

    def finish(self, job, stop):
        self.hooks.off("shutdown", stop)
        self.hooks.fire("end", job)


class Supervisor:
    def __init__(self, scheduler, hooks, rng, jobs, width):
        self.scheduler, self.rng, self.left = scheduler, rng, jobs
        self.number = 0
        hooks.on("end", self.ended)
        for _ in range(width):
            self.next()

    def next(self):
        if self.left:
            self.left -= 1
            self.number += 1
            self.scheduler.launch(Job(self.number, self.rng))

    def ended(self, job):
        self.next()


def main():
    rng = random.Random(92)
    hooks = Hooks()
    scheduler = Scheduler(hooks)
    supervisor = Supervisor(scheduler, hooks, rng, 45_000, 12)
    while scheduler.heap and scheduler.now < 50_000:
        scheduler.turn()
    hooks.fire("shutdown")
    print("jobs", supervisor.number, "failed", scheduler.failed, "closed", scheduler.closed_early)
    print("clock", scheduler.now, "results", scheduler.results)


if __name__ == "__main__":
    main()
