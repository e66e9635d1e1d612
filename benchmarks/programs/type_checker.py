"""Checks the types of sqlglot with mypy: compiled code that makes millions of small objects."""

from __future__ import annotations

import stopwatch
from mypy import api

OPTIONS = ["--no-incremental", "--cache-dir=/dev/null", "--package", "sqlglot"]


def work(scale: int) -> None:
    for _ in range(scale):
        api.run(OPTIONS)


if __name__ == "__main__":
    stopwatch.main(work)
