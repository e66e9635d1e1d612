"""Synthetic order flow."""
from __future__ import annotations

import random
from collections.abc import Iterator

from book import Order


def orders(count: int, seed: int) -> Iterator[Order]:
    rng = random.Random(seed)
    for number in range(count):
        buyer = rng.random() < 0.5
        drift = rng.randint(5, 400)
        price = 10_000 - drift if buyer else 10_000 + drift
        if rng.random() < 0.02:
            price = 20_000 - price
        yield Order(number, price, rng.randint(1, 90), buyer, rng.randrange(500), number * 0.5)
