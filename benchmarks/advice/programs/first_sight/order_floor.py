"""Matching engine for one instrument with price levels in sorted maps (sortedcontainers)."""
# forbid: leak compact pool
import random
from collections import deque

from sortedcontainers import SortedDict


class Order:
    __slots__ = ("number", "side", "price", "left", "owner")

    def __init__(self, number, side, price, qty, owner):
        self.number = number
        self.side = side
        self.price = price
        self.left = qty
        self.owner = owner


class Side:
    def __init__(self, best_first):
        self.levels = SortedDict(best_first)

    def add(self, order):
        level = self.levels.get(order.price)
        if level is None:
            level = self.levels[order.price] = deque()
        level.append(order)

    def best(self):
        while self.levels:
            price, level = self.levels.peekitem(0)
            if level:
                return price, level
            del self.levels[price]
        return None, None


class Engine:
    def __init__(self):
        self.buy = Side(lambda p: -p)
        self.sell = Side(lambda p: p)
        self.live = {}
        self.trades = 0
        self.volume = 0
        self.on_trade = []

    def submit(self, order):
        mine, other = (self.buy, self.sell) if order.side == "b" else (self.sell, self.buy)
        while order.left:
            price, level = other.best()
            if price is None or (price > order.price if order.side == "b" else price < order.price):
                break
            resting = level[0]
            qty = min(order.left, resting.left)
            order.left -= qty
            resting.left -= qty
            self.trades += 1
            self.volume += qty
            for callback in self.on_trade:
                callback(price, qty, resting.owner, order.owner)
            if resting.left == 0:
                level.popleft()
                del self.live[resting.number]
        if order.left:
            self.live[order.number] = order
            mine.add(order)

    def cancel(self, number):
        order = self.live.pop(number, None)
        if order is None:
            return False
        levels = (self.buy if order.side == "b" else self.sell).levels
        level = levels[order.price]
        level.remove(order)
        if not level:
            del levels[order.price]
        return True


class Positions:
    def __init__(self):
        self.held = {}

    def __call__(self, price, qty, seller, buyer):
        self.held[buyer] = self.held.get(buyer, 0) + qty
        self.held[seller] = self.held.get(seller, 0) - qty


def main():
    rng = random.Random(26)
    engine, positions = Engine(), Positions()
    engine.on_trade.append(positions)
    mid = 10_000
    cancelled = 0
    for n in range(140_000):
        mid += rng.choice((-1, 0, 0, 1))
        side = rng.choice("bs")
        price = mid + rng.randrange(-12, 6) * (1 if side == "b" else -1)
        engine.submit(Order(n, side, price, rng.randrange(1, 50), rng.randrange(30)))
        if n >= 60:
            cancelled += engine.cancel(n - 60)
    print("trades", engine.trades, "volume", engine.volume, "cancelled", cancelled, "live", len(engine.live))
    print(sorted(positions.held.items())[:5])


if __name__ == "__main__":
    main()
