"""Join orders to customers, then rank all pairs of product and town by their revenue."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator

TOWNS = 90
PRODUCTS = 1400


def customer_file(count: int) -> Iterator[str]:
    for n in range(count):
        yield f"{n},Customer {n * 7 % count:06d},{n % 40 + 1} Mill Lane,town-{n * 11 % TOWNS:03d}\n"


def orders(count: int, customers: int) -> Iterator[tuple[int, int, int]]:
    state = 12345
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        yield state // 3 % customers, state // 7 % PRODUCTS, state // 11 % 5000


def load_customers(lines: Iterator[str]) -> dict[int, tuple[str, str, str]]:
    return {int(row[0]): (row[1], row[2], row[3]) for row in csv.reader(lines)}


def rank(revenue: dict[tuple[int, str], int]) -> list[tuple[int, str, int]]:
    """Every cell of the pivot table, empty ones too, the largest first."""
    cells = []
    for product in range(PRODUCTS):
        for number in range(TOWNS):
            town = f"town-{number:03d}"
            cells.append((-revenue.get((product, town), 0), town, product))
    cells.sort()
    return cells


def main() -> None:
    customers = load_customers(customer_file(60_000))  # advise: release-early
    revenue: defaultdict[tuple[int, str], int] = defaultdict(int)
    streets: Counter[str] = Counter()
    for customer, product, cents in orders(400_000, len(customers)):
        _, street, town = customers[customer]
        if product < 40:
            revenue[product, town] += cents
        streets[street] += 1
    cells = rank(revenue)
    out = io.StringIO()
    for cents, town, product in cells[:3]:
        print(f"product {product} {town} {-cents / 100:.2f}", file=out)
    print(out.getvalue() + f"{len(cells)} cells, busiest street {max(streets.values())} orders")


if __name__ == "__main__":
    main()
