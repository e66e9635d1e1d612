"""Sliding-window rate limiting in front of a small service, driven by simulated traffic."""
import random
from collections import Counter, deque


class Clock:
    def __init__(self):
        self.now = 0.0

    def advance(self, dt):
        self.now += dt


# may: compact
class Gate:
    horizon = 10.0
    allowance = 5
    windows = {}

    def __init__(self, clock):
        self.clock = clock
        self.swept = 0.0

    def admit(self, client):
        now = self.clock.now
        window = self.windows.get(client)
        if window is None:
            window = self.windows[client] = deque()  # advise: leak
        while window and window[0] <= now - self.horizon:
            window.popleft()
        if len(window) >= self.allowance:
            return False
        window.append(now)
        return True

    def tick(self):
        """Housekeeping hook, called by the loop about once a second."""
        self.swept = self.clock.now


class Middleware:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, request):
        return self.inner(request)


class Limit(Middleware):
    def __init__(self, inner, gate):
        super().__init__(inner)
        self.gate = gate

    def __call__(self, request):
        if not self.gate.admit(request["client"]):
            return 429
        return self.inner(request)


class Tally(Middleware):
    def __init__(self, inner):
        super().__init__(inner)
        self.statuses = Counter()

    def __call__(self, request):
        status = self.inner(request)
        self.statuses[status] += 1
        return status


def application(request):
    return 404 if request["path"].endswith("7") else 200


def traffic(rng, seconds):
    """Visitors come, do a burst of requests, and go for good."""
    serial = 0
    for second in range(seconds):
        for _ in range(220):
            serial += 1
            for _ in range(rng.choice((1, 1, 2, 3, 7))):
                yield second, {"client": f"2001:db8::{serial:x}", "path": f"/p/{rng.randrange(100)}"}


def main():
    clock = Clock()
    gate = Gate(clock)
    app = Tally(Limit(application, gate))
    rng = random.Random(99)
    last = 0
    for second, request in traffic(rng, 500):
        if second != last:
            clock.advance(second - last)
            gate.tick()
            last = second
        app(request)
    for status in sorted(app.statuses):
        print(status, app.statuses[status])
    print("clock", clock.now)


if __name__ == "__main__":
    main()
