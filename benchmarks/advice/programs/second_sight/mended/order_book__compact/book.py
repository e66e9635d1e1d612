"""The book: resting orders of both sides by price."""
from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush


@dataclass(slots=True)
class Order:
    number: int
    price: int
    size: int
    buyer: bool
    account: int
    placed: float


@dataclass
class Book:
    bids: list[tuple[int, int, Order]] = field(default_factory=list)
    asks: list[tuple[int, int, Order]] = field(default_factory=list)
    trades: int = 0
    volume: int = 0

    def place(self, order: Order) -> None:
        mine, theirs = (self.bids, self.asks) if order.buyer else (self.asks, self.bids)
        sign = -1 if order.buyer else 1
        while order.size and theirs and self._crosses(order, theirs[0][2]):
            best = theirs[0][2]
            traded = min(order.size, best.size)
            order.size -= traded
            best.size -= traded
            self.trades += 1
            self.volume += traded
            if not best.size:
                heappop(theirs)
        if order.size:
            heappush(mine, (sign * order.price, order.number, order))

    @staticmethod
    def _crosses(order: Order, best: Order) -> bool:
        return order.price >= best.price if order.buyer else order.price <= best.price

    def checksum(self) -> int:
        return sum(o.price * o.size + o.account for side in (self.bids, self.asks) for _, _, o in side)
