"""Convert a day's payments with rates derived from a quoted curve."""
import random
from array import array
from functools import lru_cache

CURRENCIES = ["USD", "GBP", "CHF", "JPY", "SEK", "PLN", "CZK", "AUD"]
CURVE = {c: [0.5 + i / 7 + d * 0.0003 for d in range(400)] for i, c in enumerate(CURRENCIES)}


@lru_cache(maxsize=1024)
def rate(currency, day):
    """Smoothed rate: weighted mean of the quotes around the day."""
    curve = CURVE[currency]
    lo, hi = max(0, day - 30), min(len(curve), day + 31)
    weights = [1 / (1 + abs(day - d)) for d in range(lo, hi)]
    return sum(w * curve[d] for w, d in zip(weights, range(lo, hi))) / sum(weights)


class Payments:
    def __init__(self, count, seed):
        rng = random.Random(seed)
        self.cents = array("q", (rng.randrange(100, 5_000_000) for _ in range(count)))
        self.currency = bytes(rng.randrange(len(CURRENCIES)) for _ in range(count))
        self.day = array("H", (200 + int(rng.gauss(0, 12)) % 60 for _ in range(count)))

    def converted(self):
        for cents, index, day in zip(self.cents, self.currency, self.day):
            yield index, cents * rate(CURRENCIES[index], day)


def main():
    payments = Payments(240_000, seed=18)
    totals = [0.0] * len(CURRENCIES)
    for index, amount in payments.converted():
        totals[index] += amount
    biggest = max(payments.cents)
    for currency, total in zip(CURRENCIES, totals):
        print(f"{currency} {total / 100:18.2f}")
    info = rate.cache_info()
    print("rates", info.currsize, "biggest", biggest, "median", sorted(payments.cents)[120_000])


if __name__ == "__main__":
    main()
