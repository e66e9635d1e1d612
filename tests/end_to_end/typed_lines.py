"""What a capture says of each line of a program: how many live blocks of which type."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from end_to_end.side_by_side import Bench

ORACLES = Path(__file__).parent / "oracles"
WITH_OBJECTS = ORACLES / "with_objects.py"

Types = dict[str, int]
Way = Callable[..., str]


def record(bench: Bench, program: Path | str, *arguments: str) -> str:
    """Records it with its objects; returns what it printed."""
    bench.capture.unlink(missing_ok=True)
    ran = bench.native(str(WITH_OBJECTS), str(bench.capture), str(program), *arguments)
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    return ran.stdout.decode()


def run(bench: Bench, program: Path | str, *arguments: str) -> str:
    """The same under `memscope run`; of what is left at its end the interpreter would warn."""
    options = ("-q", "--objects")
    ran = bench.recorded(str(program), *arguments, options=options, python_options=("-Wignore",))
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()
    return ran.stdout.decode()


# How a program comes to be recorded.
WAYS = pytest.mark.parametrize("way", [record, run])


def type_name(of: dict[str, str] | None) -> str:
    if of is None:
        return "unknown"
    name = f"{of['module']}.{of['name']}"
    return name if of["kind"] == "object" else f"{of['kind']} of {name}"


def rows_of(bench: Bench, file: Path | str) -> list[dict[str, Any]]:
    """A row for each type of each line, with `by`, the type's name."""
    options = ("--group", "line", "--by-type", "--by", "live_bytes", "-n", "0")
    rows = bench.json("hotspots", *options)["rows"]
    return [row | {"by": type_name(row["type"])} for row in rows if row["file"] == str(file)]


def live_by_line(bench: Bench, file: Path | str) -> dict[int, Types]:
    """Lines that hold nothing are left out."""
    lines: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row in rows_of(bench, file):
        if row["live_blocks"]:
            lines[row["line"]][row["by"]] += row["live_blocks"]
    return {line: dict(types) for line, types in lines.items()}


def total(bench: Bench, name: str) -> int:
    """Live blocks of a type, wherever they were made."""
    rows = bench.json("types", "-n", "0")["rows"]
    return sum(row["live_blocks"] for row in rows if type_name(row) == name)


def numbered(source: str, mark: str) -> list[int]:
    """The lines that end with a mark."""
    return [n for n, line in enumerate(source.splitlines(), 1) if line.endswith(mark)]
