"""Statements: a few bookings with an amount and a text."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from matchers import MatcherPool

Booking = tuple[Decimal, str]


def statements(count: int) -> Iterator[list[Booking]]:
    for n in range(count):
        bookings = []
        for line in range(6):
            text = f"card payment Grocer {(n + line) % 50:02d} thank you"
            if n % 3 == 1 and line == 2:
                text = "reversal, see letter"
            bookings.append((Decimal(n * 7 + line) / 100, text))
        yield bookings


def spending(pool: MatcherPool, bookings: list[Booking]) -> Counter[str]:
    matcher = pool.take()  # advise: pool-leak
    totals: Counter[str] = Counter()
    for amount, text in bookings:
        totals[matcher.payee(text)] += amount
    pool.give_back(matcher)
    return totals
