import heapq
import random
import weakref
from contextlib import contextmanager

import attrs


@attrs.define(order=True)
class Bid:
    cents: int
    serial: int


class Floor:
    def __init__(self):
        self.watchers = []
        self.closed = 0

    @contextmanager
    def watching(self, watcher):
        self.watchers.append(watcher)
        try:
            yield
        finally:
            self.watchers.remove(watcher)

    def announce(self, lot, price):
        self.closed += 1
        for watcher in self.watchers:
            watcher(lot, price)


class Auction:
    def __init__(self, floor, lot):
        self._floor = weakref.ref(floor)
        self.lot = lot
        self.bids = []

    def bid(self, cents, serial):
        heapq.heappush(self.bids, Bid(-cents, serial))
        if len(self.bids) > 12:
            self.bids.pop()

    def close(self):
        first = heapq.heappop(self.bids)
        second = heapq.heappop(self.bids) if self.bids else first
        self._floor().announce(self.lot, -second.cents)


class Ledger:
    def __init__(self, size):
        self.marks = bytearray(size)
        self.sum = 0

    def __call__(self, lot, price):
        self.sum += price
        self.marks[(lot * 4_093 + price) % len(self.marks)] += 1


def main():
    rng = random.Random(95)
    floor = Floor()
    ledger = Ledger(1 << 20)
    for lot in range(6_000):
        auction = Auction(floor, lot)
        with floor.watching(ledger):
            for serial in range(30):
                auction.bid(rng.randint(100, 90_000), serial)
            auction.close()
    print(floor.closed, len(floor.watchers), ledger.sum, max(ledger.marks))


if __name__ == "__main__":
    main()
