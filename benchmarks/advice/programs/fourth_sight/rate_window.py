"""Sliding-window rate limiter in front of a pretend API."""
import random
from array import array
from collections import deque


class Window:
    def __init__(self, span, limit):
        self.span = span
        self.limit = limit
        self.clients = {}
        self.sweep_at = span

    def allow(self, client, now):
        if now >= self.sweep_at:
            self._sweep(now)
        stamps = self.clients.get(client)
        if stamps is None:
            stamps = self.clients[client] = deque()
        edge = now - self.span
        while stamps and stamps[0] <= edge:
            stamps.popleft()
        if len(stamps) >= self.limit:
            return False
        stamps.append(now)
        return True

    def _sweep(self, now):
        edge = now - self.span
        self.clients = {c: s for c, s in self.clients.items() if s and s[-1] > edge}
        self.sweep_at = now + self.span


def arrivals(rng, n):
    """Every client number comes up in a burst, then hardly ever again."""
    now = 0
    for i in range(n):
        now += rng.randrange(1, 4)
        yield i // 500 * 40 + rng.randrange(60), now


def main():
    rng = random.Random(1)
    window = Window(span=4_000, limit=30)
    verdicts = array("B")
    for client, now in arrivals(rng, 700_000):
        verdicts.append(window.allow(client, now))
    print("allowed", sum(verdicts), "refused", len(verdicts) - sum(verdicts))
    print("still known", len(window.clients))


if __name__ == "__main__":
    main()
