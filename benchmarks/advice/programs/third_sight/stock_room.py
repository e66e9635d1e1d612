import random
from bisect import bisect_left, insort
from dataclasses import dataclass
from sys import intern


@dataclass(slots=True)
class Article:
    sku: str
    maker: str
    count: int
    cents: int


class Room:
    def __init__(self):
        self.by_sku = {}
        self.by_maker = {}
        self.prices = []

    def stock(self, article):
        self.by_sku[article.sku] = article
        self.by_maker.setdefault(article.maker, []).append(article)

    def settle(self):
        self.prices = sorted((a.cents, a.sku) for a in self.by_sku.values())

    def reprice(self, sku, cents):
        article = self.by_sku[sku]
        at = bisect_left(self.prices, (article.cents, sku))
        del self.prices[at]
        article.cents = cents
        insort(self.prices, (cents, sku))

    def sell(self, sku, count):
        article = self.by_sku[sku]
        sold = min(count, article.count)
        article.count -= sold
        return sold * article.cents

    def cheapest(self, count):
        return [sku for _, sku in self.prices[:count]]

    def worth(self, maker):
        return sum(a.count * a.cents for a in self.by_maker[maker])


def main():
    rng = random.Random(29)
    makers = [f"maker-{i:02d}" for i in range(40)]
    room = Room()
    for n in range(110000):
        room.stock(Article(f"S{n:06d}", intern(rng.choice(makers)), rng.randint(0, 90), rng.randint(100, 99999)))
    room.settle()
    for _ in range(4000):
        room.reprice(f"S{rng.randrange(110000):06d}", rng.randint(100, 99999))
    takings = sum(room.sell(f"S{rng.randrange(110000):06d}", rng.randint(1, 5)) for _ in range(90000))
    print("takings", takings)
    print("cheapest", room.cheapest(4))
    print("worth", {m: room.worth(m) for m in makers[:4]})


if __name__ == "__main__":
    main()
