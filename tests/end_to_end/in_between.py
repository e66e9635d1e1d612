"""A program of which everything is known beforehand, at a point where it waits and at its end."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from end_to_end.side_by_side import ENVIRONMENT, PROGRAMS, kill_all

PATIENCE_S = 120.0

# What the program goes on with, once it has been looked at: half of what it held goes, more comes.
WAITING = """
LATER = ("mem", 70, 333)
import os, time
with open("pid", "w") as file:
    print(os.getpid(), file=file)
os.rename("pid", "ready")
while not os.path.exists("go"):
    time.sleep(0.01)
later = _testing.allocate(*LATER)  # later
_testing.release(kept[0])
os._exit(0)
"""
KNOWN_LINES = (PROGRAMS / "known.py").read_text().count("\n") + 1
# Calls, bytes requested, blocks and bytes live, and live at the peak: known before it runs.
IN_BETWEEN = {
    "hold raw": (1000, 700_000, 1000, 700_000, 700_000),
    "hold mem": (300, 14_400, 300, 14_400, 14_400),
    "hold obj": (200, 102_400, 200, 102_400, 102_400),
    "hold zeroed": (100, 51_300, 100, 51_300, 51_300),
    "hold empty": (10, 0, 10, 0, 0),
    "churn": (5000, 200_000, 0, 0, 0),
    "before": (100, 10_000, 0, 0, 0),
    "grow": (100, 1_000_000, 100, 1_000_000, 1_000_000),
    "huge": (1, 200_000_000, 0, 0, 200_000_000),
}
AT_THE_END = IN_BETWEEN | {
    "hold raw": (1000, 700_000, 0, 0, 700_000),
    "later": (70, 23_310, 70, 23_310, 0),
}

PROGRAM = (PROGRAMS / "known.py").read_text() + WAITING


def figures_of(capture: Path, source: list[str]) -> dict[str, tuple[int, ...]]:
    """What memscope says of the lines of known.py that end with a comment."""
    command = ["hotspots", "--group", "line", "-n", "0", "--json", str(capture)]
    answer = subprocess.run(
        [sys.executable, "-m", "memscope", *command],
        capture_output=True,
        check=True,
        cwd=capture.parent,  # in a checkout it would take the sources that are not built
    )
    found = {}
    for row in json.loads(answer.stdout)["rows"]:
        text = source[row["line"] - 1] if row["file"].endswith("known.py") else ""
        if "  # " in text:
            found[text.partition("  # ")[2]] = _counters(row)
    return found


def _counters(row: dict[str, Any]) -> tuple[int, ...]:
    names = ("allocations", "allocated_bytes", "live_blocks", "live_bytes", "peak_bytes")
    return tuple(row[name] for name in names)


@contextlib.contextmanager
def waiting(
    place: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    program: str = PROGRAM,
) -> Iterator[subprocess.Popen[bytes]]:
    """The program as it waits, recorded into whole.mscope there; it goes on afterwards."""
    (place / "known.py").write_text(program)
    command = ["run", "-q", "-o", "whole.mscope", *options, "known.py"]
    process = subprocess.Popen(
        [sys.executable, "-m", "memscope", *command],
        cwd=place,
        env={**ENVIRONMENT, **(environment or {})},
    )
    try:
        for _ in range(int(PATIENCE_S * 100)):
            with contextlib.suppress(subprocess.TimeoutExpired):
                assert process.wait(0.01) is None
            if (place / "ready").exists():
                break
        yield process
        (place / "go").touch()
        assert process.wait(PATIENCE_S) == 0
    finally:
        kill_all(process.pid)
        process.wait()
