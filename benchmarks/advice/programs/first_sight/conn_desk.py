"""Order desk over a set of reusable backend connections (all simulated in-process)."""
import random
from collections import Counter


class BackendError(Exception):
    pass


class Connection:
    made = 0

    def __init__(self):
        Connection.made += 1
        self.number = Connection.made
        self.inbox = bytearray(8192)
        self.statements = {f"stmt{i}": ("select", i) for i in range(20)}
        self.calls = 0

    def ask(self, what, amount):
        self.calls += 1
        if amount % 31 == 0:
            raise BackendError(what)
        self.inbox[:4] = amount.to_bytes(4, "big")
        return self.inbox[3] ^ (amount & 0x55)


class Pool:
    def __init__(self, factory):
        self.factory = factory
        self.free = []
        self.busy = {}

    def acquire(self):
        conn = self.free.pop() if self.free else self.factory()
        self.busy[conn.number] = conn
        return conn

    def release(self, conn):
        del self.busy[conn.number]
        self.free.append(conn)


class Desk:
    def __init__(self, pool):
        self.pool = pool
        self.outcome = Counter()

    def handle(self, order):
        try:
            score = self.rate(order)
        except BackendError:
            self.outcome["refused"] += 1
        else:
            self.outcome["good" if score > 60 else "poor"] += 1

    def rate(self, order):
        conn = self.pool.acquire()  # advise: pool-leak
        score = conn.ask(order["what"], order["amount"])
        score += conn.ask("limit", order["limit"]) % 7
        self.pool.release(conn)
        return score


class Feed:
    def __init__(self, seed, n):
        self.rng = random.Random(seed)
        self.n = n

    def __iter__(self):
        for i in range(self.n):
            yield {
                "id": i, "what": self.rng.choice(["buy", "sell", "hold"]),
                "amount": self.rng.randrange(1, 10_000), "limit": self.rng.randrange(1, 150) * 31 + i % 4 + 1,
            }


def report(outcome):
    for name in sorted(outcome):
        print(f"{name:10s}{outcome[name]:8d}")


def main():
    pool = Pool(Connection)
    desk = Desk(pool)
    for order in Feed(44, 170_000):
        desk.handle(order)
    report(desk.outcome)


if __name__ == "__main__":
    main()
