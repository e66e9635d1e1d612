"""Prints what `run` has measured: lines of each folder, and how many of them were run.

table.py PYTHON_JSON C_JSON    of `coverage json` and of `gcovr --json-summary`
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath


def lines_of_python(path: str) -> Iterator[tuple[str, int, int]]:
    with open(path, encoding="utf-8") as file:
        for name, figures in json.load(file)["files"].items():
            summary = figures["summary"]
            yield name, summary["num_statements"], summary["covered_lines"]


def lines_of_c(path: str) -> Iterator[tuple[str, int, int]]:
    with open(path, encoding="utf-8") as file:
        for figures in json.load(file)["files"]:
            yield figures["filename"], figures["line_total"], figures["line_covered"]


def show(title: str, files: Iterator[tuple[str, int, int]]) -> None:
    lines: Counter[str] = Counter()
    run: Counter[str] = Counter()
    for name, line_count, run_count in files:
        for folder in (str(PurePath(name).parent), title):
            lines[folder] += line_count
            run[folder] += run_count
    for folder in [*sorted(lines.keys() - {title}), title]:
        share = run[folder] / lines[folder] if lines[folder] else 1
        print(f"| {folder:32} | {lines[folder]:6,} | {run[folder]:6,} | {share:4.0%} |")


def main() -> None:
    print(f"| {'folder':32} |  lines |    run |      |\n|{'-' * 34}|-------:|-------:|-----:|")
    show("all of Python", lines_of_python(sys.argv[1]))
    show("all of C", lines_of_c(sys.argv[2]))


main()
