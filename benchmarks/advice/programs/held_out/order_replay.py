# forbid: pool compact leak gc-pressure
"""Replays an order feed against a price-time book and prints the tape."""
import heapq
import random
from collections import deque
from dataclasses import dataclass
from itertools import count


@dataclass(slots=True)
class Order:
    ident: int
    side: str
    price: int
    qty: int


@dataclass(slots=True, frozen=True)
class Fill:
    maker: int
    taker: int
    price: int
    qty: int


class Book:
    """Resting orders live in one deque per price; prices in two heaps."""

    DEPTH = 40

    def __init__(self):
        self.levels = {"B": {}, "S": {}}
        self.heaps = {"B": [], "S": []}

    def _best(self, side):
        heap, levels = self.heaps[side], self.levels[side]
        while heap:
            price = -heap[0] if side == "B" else heap[0]
            if levels.get(price):
                return price
            levels.pop(price, None)
            heapq.heappop(heap)
        return None

    def _rest(self, order):
        level = self.levels[order.side].get(order.price)
        if level is None:
            level = self.levels[order.side][order.price] = deque(maxlen=self.DEPTH)
            heapq.heappush(self.heaps[order.side], -order.price if order.side == "B" else order.price)
        level.append(order)

    def submit(self, order):
        """Match the order and yield its fills; what is left rests."""
        other = "S" if order.side == "B" else "B"
        sign = 1 if order.side == "B" else -1
        while order.qty:
            price = self._best(other)
            if price is None or (order.price - price) * sign < 0:
                break
            level = self.levels[other][price]
            maker = level[0]
            qty = min(maker.qty, order.qty)
            maker.qty -= qty
            order.qty -= qty
            if not maker.qty:
                level.popleft()
            yield Fill(maker.ident, order.ident, price, qty)
        if order.qty:
            self._rest(order)


class Tape:
    def __init__(self):
        self.trades = self.volume = self.notional = 0
        self.last = deque(maxlen=3)

    def print(self, fill):
        self.trades += 1
        self.volume += fill.qty
        self.notional += fill.qty * fill.price
        self.last.append(fill)


def feed(n, seed=13):
    rng = random.Random(seed)
    ids = count(1)
    mid = 10_000
    for _ in range(n):
        mid += rng.choice((-1, 0, 0, 1)) - (mid > 10_040) + (mid < 9_960)
        side = "B" if rng.random() < 0.5 else "S"
        offset = int(rng.random() * 12) - 4
        yield Order(next(ids), side, mid - offset if side == "B" else mid + offset, 1 + int(rng.random() * 90))


def main():
    book, tape = Book(), Tape()
    for order in feed(420_000):
        for fill in book.submit(order):
            tape.print(fill)
    print(tape.trades, tape.volume, round(tape.notional / tape.volume, 3))
    for fill in tape.last:
        print(fill)


if __name__ == "__main__":
    main()
