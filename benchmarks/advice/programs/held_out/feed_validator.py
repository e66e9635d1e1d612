"""Validates supplier price feeds. The report is an immutable value threaded
through the checks, so that a partial report can be shown at any time."""
from __future__ import annotations

import collections
import dataclasses
import random
from typing import Callable, Iterable, Iterator


@dataclasses.dataclass(frozen=True)
class Issue:
    row: int
    code: str

    @property
    def severe(self) -> bool:
        return self.code.startswith("E")


@dataclasses.dataclass(frozen=True)
class Report:
    supplier: str
    rows: int = 0
    issues: tuple[Issue, ...] = ()

    def next_row(self) -> Report:
        return Report(self.supplier, self.rows + 1, self.issues)

    def noting(self, code: str) -> Report:
        return dataclasses.replace(self, issues=(*self.issues, Issue(self.rows, code)))  # advise: grow-copy


Check = Callable[[dict], "str | None"]
CHECKS: list[Check] = []


def check(fn: Check) -> Check:
    CHECKS.append(fn)
    return fn


@check
def has_price(row):
    return "E10" if row["price"] <= 0 else None


@check
def currency_known(row):
    return None if row["cur"] in {"EUR", "USD", "PLN"} else "E20"


@check
def gtin_sum(row):
    digits = row["gtin"]
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
    return "W31" if total % 10 > 7 else None


@check
def stock_sane(row):
    return "W40" if row["stock"] > 950 else None


def rows(n: int, seed: int) -> Iterator[dict]:
    rng = random.Random(seed)
    for _ in range(n):
        yield {
            "gtin": f"{rng.randrange(10**8):08d}",
            "price": rng.randrange(-30, 1000),
            "cur": rng.choice(("EUR", "USD", "PLN", "XXX")),
            "stock": rng.randrange(1000),
        }


def validate(supplier: str, feed: Iterable[dict]) -> Report:
    report = Report(supplier)
    for row in feed:
        report = report.next_row()
        for rule in CHECKS:
            if code := rule(row):
                report = report.noting(code)
    return report


def main() -> None:
    for supplier, seed in (("northwind", 1), ("acme", 2)):
        report = validate(supplier, rows(24_000, seed))
        codes = collections.Counter(i.code for i in report.issues)
        severe = sum(i.severe for i in report.issues)
        print(supplier, report.rows, len(report.issues), severe)
        print("  ", sorted(codes.items()), "last at", report.issues[-1].row)


if __name__ == "__main__":
    main()
