"""Limit order book replay with cancel and match, one instrument."""
import heapq
import random


class Order:
    def __init__(self, **fields):
        self.filled = 0
        self.__dict__.update(fields)

    @property
    def open(self):
        return self.qty - self.filled


class Book:
    def __init__(self):
        self.orders = {}
        self.bids, self.asks = [], []
        self.traded = 0

    def place(self, order):
        self.orders[order.oid] = order
        if order.side == "B":
            self._match(order, self.asks, lambda best: best <= order.price)
            if order.open:
                heapq.heappush(self.bids, (-order.price, order.oid))
        else:
            self._match(order, self.bids, lambda best: -best >= order.price)
            if order.open:
                heapq.heappush(self.asks, (order.price, order.oid))

    def _match(self, order, queue, crosses):
        while queue and order.open and crosses(queue[0][0]):
            other = self.orders[queue[0][1]]
            size = min(order.open, other.open)
            order.filled += size
            other.filled += size
            self.traded += size
            if not other.open:
                heapq.heappop(queue)

    def statement(self):
        """Every order of the day, filled or not, goes to its owner's statement."""
        per_owner = {}
        for order in self.orders.values():
            qty, filled = per_owner.get(order.owner, (0, 0))
            per_owner[order.owner] = (qty + order.qty, filled + order.filled)
        return per_owner


def main():
    rng = random.Random(42)
    book = Book()
    for oid in range(80_000):
        side = rng.choice("BS")
        price = 10_000 + rng.randrange(-400, 400) + (-150 if side == "B" else 150)
        book.place(Order(oid=oid, side=side, price=price, qty=rng.randrange(1, 50),
                         owner=rng.randrange(30), placed=oid * 3))
    oldest = min((o for o in book.orders.values() if o.open), key=lambda o: o.placed)
    print("traded", book.traded, "resting", len(book.bids), len(book.asks))
    print("oldest open", oldest.oid, oldest.open)
    print(sorted(book.statement().items())[:3])


if __name__ == "__main__":
    main()
