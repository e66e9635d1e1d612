"""Expands, differentiates and factors expressions with sympy: caches, immutable trees."""

from __future__ import annotations

import stopwatch
from sympy import cos, diff, expand, factor, sin, symbols
from sympy.core.cache import clear_cache


def work(scale: int) -> int:
    x, y, z = symbols("x y z")
    terms = 0
    for turn in range(2 * scale):
        clear_cache()
        expression = expand((x + 2 * y - z + turn % 2 + 1) ** 7)
        terms += len(expression.args)
        terms += len(diff(expression * sin(x * y) * cos(z), x, y).args)
        terms += len(factor(expand((x**2 - y**2) * (x + y) ** 3)).args)
    return terms


if __name__ == "__main__":
    stopwatch.main(work)
