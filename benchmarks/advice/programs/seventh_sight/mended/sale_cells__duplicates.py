import random
from dataclasses import dataclass


@dataclass(slots=True)
class Sale:
    ident: int
    cell: tuple
    cents: int


class CellMap:
    def __init__(self, regions, families, grades):
        self.shared = {}
        self.regions = regions
        self.families = families
        self.grades = grades

    def locate(self, number):
        region = number % self.regions
        family = number // self.regions % self.families
        grade = number // (self.regions * self.families) % self.grades
        cell = (region, family, grade, region < 4)
        return self.shared.setdefault(cell, cell)


class SalesHistory:
    def __init__(self, cells):
        self.cells = cells
        self.sales = []

    def record(self, ident, number, cents):
        self.sales.append(Sale(ident, self.cells.locate(number), cents))

    def void(self, rng, share):
        for _ in range(int(len(self.sales) * share)):
            self.sales[rng.randrange(len(self.sales))].cents = 0

    def by_cell(self):
        totals = {}
        for sale in self.sales:
            totals[sale.cell] = totals.get(sale.cell, 0) + sale.cents
        return totals


def main():
    rng = random.Random(71)
    history = SalesHistory(CellMap(regions=9, families=12, grades=4))
    for ident in range(170_000):
        history.record(ident, rng.randrange(100_000), rng.randrange(100, 20_000))
    history.void(rng, 0.1)
    totals = history.by_cell()
    best = sorted(totals.items(), key=lambda kv: (-kv[1], kv[0]))[:4]
    print(len(history.sales), len(totals))
    for cell, cents in best:
        print(*cell, cents)


if __name__ == "__main__":
    main()
