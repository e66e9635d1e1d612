"""A tracer for a request pipeline: nested spans, per-operation latencies
(logical ticks), and a flame-style summary."""
import queue
import random
from collections import defaultdict


class Span:
    __slots__ = ("op", "start", "parent", "child_ticks")

    def begin(self, op, start, parent):
        self.op = op
        self.start = start
        self.parent = parent
        self.child_ticks = 0
        return self


class SpanRecycler:
    """Hands out spans so that the tracer doesn't churn the allocator."""

    def __init__(self, size):
        self._idle = queue.LifoQueue(maxsize=size)

    def get(self):
        try:
            return self._idle.get_nowait()  # advise: over-pooled
        except queue.Empty:
            return Span()

    def put(self, span):
        span.parent = None
        try:
            self._idle.put_nowait(span)
        except queue.Full:
            pass


class Tracer:
    def __init__(self):
        self.spans = SpanRecycler(64)
        self.clock = 0
        self.current = None
        self.own = defaultdict(int)
        self.calls = defaultdict(int)

    def enter(self, op):
        self.current = self.spans.get().begin(op, self.clock, self.current)

    def leave(self):
        span = self.current
        ticks = self.clock - span.start
        self.own[span.op] += ticks - span.child_ticks
        self.calls[span.op] += 1
        self.current = span.parent
        if self.current is not None:
            self.current.child_ticks += ticks
        self.spans.put(span)

    def traced(self, op):
        tracer = self

        class _Scope:
            def __enter__(self):
                tracer.enter(op)

            def __exit__(self, *exc):
                tracer.leave()

        return _Scope()


class Pipeline:
    def __init__(self, tracer, rng):
        self.tracer = tracer
        self.rng = rng
        self.auth, self.route, self.db, self.row = map(tracer.traced, ("auth", "route", "db", "row"))

    def handle(self):
        with self.route:
            self.tracer.clock += 1
            with self.auth:
                self.tracer.clock += 2
            with self.db:
                for _ in range(int(self.rng.random() * 12)):
                    with self.row:
                        self.tracer.clock += 1


def main():
    tracer = Tracer()
    pipeline = Pipeline(tracer, random.Random(12))
    for _ in range(55_000):
        pipeline.handle()
    total = sum(tracer.own.values())
    for op, ticks in sorted(tracer.own.items()):
        print(f"{op:6s} {tracer.calls[op]:7d} {ticks:8d} {'#' * (40 * ticks // total)}")


if __name__ == "__main__":
    main()
