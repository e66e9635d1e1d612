"""The same shop: a basket is forgotten when its visitor has not come back for a while."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict

VISITS_A_SECOND = 400
REMEMBERED = 100

baskets: OrderedDict[int, list[str]] = OrderedDict()


def visit(visitor: int) -> int:
    basket = baskets.setdefault(visitor, [])
    basket.extend(f"product {number} for visitor {visitor}" for number in range(20))
    if len(baskets) > REMEMBERED:
        baskets.popitem(last=False)
    return len(basket)


def main(visits: int) -> None:
    bought = 0
    for visitor in range(visits):
        bought += visit(visitor)
        time.sleep(1 / VISITS_A_SECOND)
    print(bought, "products")


if __name__ == "__main__":
    main(int(sys.argv[1]))
