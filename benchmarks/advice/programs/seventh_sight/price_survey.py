import random
from array import array
from sortedcontainers import SortedDict


class Survey:
    def __init__(self, seed):
        self.rng = random.Random(seed)

    def answers(self, count):
        template = "{:06d}|{:03d}|{:05d}|free text remark number {}\n"
        rng = self.rng
        return "".join(
            template.format(n, rng.randrange(300), rng.randrange(100_000), n * 17 % 1009) for n in range(count)
        )


class PriceIndex:
    def __init__(self, shops):
        self.shops = shops
        self.quotes = SortedDict()

    def add(self, shop, price):
        self.quotes.setdefault(shop, array("i")).append(price)

    def medians(self):
        return {shop: sorted(prices)[len(prices) // 2] for shop, prices in self.quotes.items()}


def scan(text):
    start = 0
    while start < len(text):
        end = text.index("\n", start)
        _, shop, price, _ = text[start:end].split("|")
        yield int(shop), int(price)
        start = end + 1


def projection(medians, horizon):
    table = {}
    for shop, median in medians.items():
        table[shop] = array("d", (median * (1 + step / 10_000) for step in range(horizon)))
    return table


def study():
    text = Survey(18).answers(200_000)
    shares = (text[:-1].count("9"), text.count("number 17\n"))
    index = PriceIndex(300)
    for shop, price in scan(text):
        index.add(shop, price)
    medians = index.medians()
    table = projection(medians, 14_000)
    best = max(table, key=lambda shop: (table[shop][-1], shop))
    return shares, best, round(sum(values[-1] for values in table.values()), 2)


if __name__ == "__main__":
    print(*study())
