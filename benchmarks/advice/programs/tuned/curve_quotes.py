# may: compact gc-pressure
"""Quote service with a memoising decorator around the expensive curve builder."""
import functools
import math
import random
from dataclasses import dataclass
from typing import NamedTuple


def memoize(fn):
    known = {}

    @functools.wraps(fn)
    def wrapper(*args):
        try:
            value = known[args]
            wrapper.hits += 1
        except KeyError:
            value = known[args] = fn(*args)  # advise: leak
            wrapper.misses += 1
        return value

    wrapper.hits = wrapper.misses = 0
    return wrapper


class Market(NamedTuple):
    minute: int
    short: float
    long: float


@dataclass(frozen=True)
class Request:
    currency: str
    tenor: int
    amount: int
    minute: int


@memoize
def discount_curve(currency, minute, short, long):
    spread = {"EUR": 0.0, "USD": 0.004, "GBP": 0.006}[currency]
    curve = []
    for month in range(1, 121):
        w = 1 - math.exp(-month / 36)
        rate = short + (long - short) * w + spread
        curve.append(math.exp(-rate * month / 12))
    return curve


def market_path(minutes, seed=77):
    rng = random.Random(seed)
    short, long = 0.031, 0.042
    for minute in range(minutes):
        short += rng.gauss(0, 0.00004)
        long += rng.gauss(0, 0.00002)
        yield Market(minute, round(short, 6), round(long, 6))


def requests_for(minute, rng):
    for _ in range(rng.randint(6, 18)):
        yield Request(rng.choice(("EUR", "USD", "GBP")), rng.randint(1, 119), rng.randint(1, 900) * 1000, minute)


class QuoteService:
    def __init__(self):
        self.booked = 0.0
        self.count = 0

    def price(self, req, market):
        curve = discount_curve(req.currency, market.minute, market.short, market.long)
        i = req.tenor - 1
        return req.amount * (curve[i] + curve[i + 1]) / 2

    def serve(self, req, market):
        pv = self.price(req, market)
        self.count += 1
        self.booked += pv
        return pv


def main():
    rng = random.Random(5)
    service = QuoteService()
    best = 0.0
    for market in market_path(6000):
        for req in requests_for(market.minute, rng):
            best = max(best, service.serve(req, market))
    print("quotes", service.count, "booked", round(service.booked, 2), "max", round(best, 2))
    print("curve cache", discount_curve.hits, discount_curve.misses)


if __name__ == "__main__":
    main()
