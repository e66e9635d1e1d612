"""Lints a part of networkx with pylint: syntax trees, and what was inferred, kept in caches."""

from __future__ import annotations

from contextlib import redirect_stdout
from os import devnull
from pathlib import Path

import networkx
import stopwatch
from pylint.lint import Run

PACKAGE = Path(networkx.__file__).parent / "classes"


def work(scale: int) -> None:
    with open(devnull, "w") as nowhere, redirect_stdout(nowhere):
        for _ in range(scale):
            Run(["--disable=all", "--enable=W", str(PACKAGE)], exit=False)


if __name__ == "__main__":
    stopwatch.main(work)
