"""A shop that remembers a basket for each visitor, and never forgets one."""

from __future__ import annotations

import sys
import time

VISITS_A_SECOND = 400

baskets: dict[int, list[str]] = {}


def visit(visitor: int) -> int:
    basket = baskets.setdefault(visitor, [])
    basket.extend(f"product {number} for visitor {visitor}" for number in range(20))
    return len(basket)


def main(visits: int) -> None:
    bought = 0
    for visitor in range(visits):
        bought += visit(visitor)
        time.sleep(1 / VISITS_A_SECOND)
    print(bought, "products")


if __name__ == "__main__":
    main(int(sys.argv[1]))
