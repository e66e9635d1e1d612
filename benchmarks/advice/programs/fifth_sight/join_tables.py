"""Join order lines with a price list that is looked up at random."""
import random
from array import array
from bisect import bisect_left


class PriceList:
    """Column store: article numbers in order, prices and stock beside them."""

    def __init__(self, rows):
        self.article = array("L")
        self.cents = array("L")
        self.stock = array("l")
        for article, cents, stock in rows:
            self.article.append(article)
            self.cents.append(cents)
            self.stock.append(stock)

    def find(self, article):
        at = bisect_left(self.article, article)
        if at < len(self.article) and self.article[at] == article:
            return at
        return -1


class Desk:
    def __init__(self, prices):
        self.prices = prices
        self.refused = 0
        self.revenue = 0

    def sell(self, article, amount):
        at = self.prices.find(article)
        if at < 0 or self.prices.stock[at] < amount:
            self.refused += 1
            return
        self.prices.stock[at] -= amount
        self.revenue += amount * self.prices.cents[at]


def price_rows(count, rng):
    article = 100_000
    for _ in range(count):
        article += rng.randrange(1, 5)
        yield article, rng.randrange(50, 90_000), rng.randrange(0, 400)


def order_lines(count, rng, top):
    for _ in range(count):
        yield rng.randrange(100_000, top), rng.randrange(1, 12)


def main():
    rng = random.Random(64)
    prices = PriceList(price_rows(320_000, rng))
    desk = Desk(prices)
    for article, amount in order_lines(280_000, rng, prices.article[-1]):
        desk.sell(article, amount)
    empty = sum(1 for s in prices.stock if s == 0)
    print("revenue", desk.revenue / 100, "refused", desk.refused, "empty", empty)


if __name__ == "__main__":
    main()
