"""Order settlement for a chain of stores. What stays open is carried to the evening report."""
import logging
import random
from typing import NamedTuple

log = logging.getLogger("settle")


class Summary(NamedTuple):
    store: int
    settled: int
    open_orders: int
    open_units: int


class Store:
    def __init__(self, number):
        self.number = number
        self.orders = {}
        self.settled = 0

    def take_orders(self, rng, n):
        base = self.number * 1_000_000
        orders = self.orders
        for i in range(n):
            orders[base + i] = 1 + int(rng.random() * 20)

    def settle(self, stock):
        for number in list(self.orders):
            units = self.orders[number]
            if number % 997 == 3 or stock < units:
                continue
            stock -= units
            del self.orders[number]
            self.settled += 1
        self.orders = dict(self.orders.items())
        return stock

    def evening(self):
        return Summary(self.number, self.settled, len(self.orders), sum(self.orders.values()))


def main():
    logging.basicConfig(level=logging.WARNING)
    rng = random.Random(73)
    stores = []
    for number in range(36):
        store = Store(number)
        store.take_orders(rng, 58_000)
        left = store.settle(stock=10_000_000)
        log.info("store %d has %d units left", number, left)
        stores.append(store)
    report = [s.evening() for s in stores]
    by_size = sorted(stores, key=lambda s: -sum(s.orders.values()))
    print(report[0], "busiest", by_size[0].number)
    print("chain:", sum(r.settled for r in report), sum(r.open_units for r in report))


if __name__ == "__main__":
    main()
