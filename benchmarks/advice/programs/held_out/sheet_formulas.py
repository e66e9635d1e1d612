"""Expand the filled-down formulas of a spreadsheet into expression trees and recalculate."""

import functools
import re
from collections.abc import Callable
from operator import add, mul, sub

TOKEN = re.compile(r"\s*(?:(\d+)|([A-Z]\^?)|([-+*()]))")
STRENGTH = {"+": 1, "-": 1, "*": 2}
DO: dict[str, Callable[[int, int], int]] = {"+": add, "-": sub, "*": mul}

# One formula per column, filled down over all rows: B is this row's cell, B^ the one above.
COLUMNS = {
    "A": "3 * 5 + 4",
    "B": "(A - A^) * 2 + A * (7 - 3 * 2) + B^",
    "C": "B + A * 2 - (B^ + 3 - 1) * (A + 2)",
    "D": "(C^ + B) * (C - B^) - A * A^ + D^ * 2",
}


@functools.cache
def tokens(formula: str) -> tuple[str, ...]:
    return tuple(m[m.lastindex] for m in TOKEN.finditer(formula))[::-1]


class Parser:
    """Precedence climbing; a node is [operator, left, right], a leaf a number or a cell."""

    def __init__(self, formula: str, row: int) -> None:
        self.rest = list(tokens(formula))
        self.row = row

    def atom(self):
        token = self.rest.pop()
        if token == "(":
            inner = self.expression()
            self.rest.pop()
            return inner
        if token.isdigit():
            return int(token)
        return token[0], self.row - len(token) + 1

    def expression(self, floor: int = 1):
        left = self.atom()
        while self.rest and (strength := STRENGTH.get(self.rest[-1], 0)) >= floor:
            sign = self.rest.pop()
            right = self.expression(strength + 1)  # may: compact
            left = [sign, left, right]  # advise: gc-pressure
        return left


class Sheet:
    def __init__(self) -> None:
        self.cells = {}
        self.values: dict[tuple[str, int], int] = {}

    def load(self, rows: int) -> None:
        for row in range(rows):
            for column, formula in COLUMNS.items():
                self.cells[column, row] = Parser(formula, row).expression()

    def value(self, expr) -> int:
        if isinstance(expr, int):
            return expr
        if isinstance(expr, tuple):
            return self.values.get(expr, 1)
        sign, left, right = expr
        return DO[sign](self.value(left), self.value(right)) % 1_000_003

    def recalculate(self, last_row: int) -> None:
        for name, expr in self.cells.items():
            if name[1] > last_row:
                break
            self.values[name] = self.value(expr)


def main() -> None:
    sheet = Sheet()
    sheet.load(26_000)
    sheet.recalculate(last_row=2000)
    print(len(sheet.cells), "cells, sum", sum(sheet.values.values()))


if __name__ == "__main__":
    main()
