"""Sum up what was spent where; statements that cannot be read go to the clerk."""

from collections import Counter

from matchers import MatcherPool
from statements import spending, statements


def main() -> None:
    pool = MatcherPool()
    totals: Counter[str] = Counter()
    clerk = 0
    for bookings in statements(20_000):
        try:
            totals.update(spending(pool, bookings))
        except ValueError:
            clerk += 1
    for payee, amount in sorted(totals.items())[:3]:
        print(f"{payee:12} {amount:>12}")
    print(len(totals), "payees,", clerk, "statements for the clerk")


if __name__ == "__main__":
    main()
