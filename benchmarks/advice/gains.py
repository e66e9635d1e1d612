"""Predicted gains against those that the fixed program brings.

CPU and resident memory are measured as `memscope ab` does it, without memscope in the programs;
the peak of live bytes and allocations, which only a recording knows, are the difference of two.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from judging import memscope
from labels import Program

from memscope.analysis.ab import FIGURES, ab
from memscope.analysis.predictions import read_advice
from memscope.recording.trials import interleaved

RECORDED = {"peak_bytes": "peak_bytes", "allocations": "allocations"}


@dataclass(frozen=True, slots=True)
class Gain:
    """One prediction of one program; `measured` is what was saved, and `log2_error` is of both."""

    program: str
    kind: str
    figure: str
    low: float
    value: float
    high: float
    measured: float
    log2_error: float | None

    @property
    def sign_right(self) -> bool:
        return self.measured > 0

    @property
    def held(self) -> bool:
        return self.low <= self.measured <= self.high


def gains(program: Program, advised: dict[str, Any], pairs_count: int) -> list[Gain]:
    """Of the advice about the program's first label; none if it was not given."""
    import math

    if program.fixed is None or not program.defects:
        return []
    kind = program.defects[0].kind
    chosen = [one for one in read_advice(advised) if one.kind == kind][:1]
    if not chosen:
        return []
    commands = [[sys.executable, str(path)] for path in (program.path, program.fixed)]
    trials = interleaved(commands[0], commands[1], pairs_count)
    columns = [
        {name: [getattr(trial, name) for trial in side] for name in FIGURES} for side in trials
    ]
    outcome = ab(commands[0], commands[1], columns[0], columns[1], chosen[0])
    measured = {held.figure: held.saved.value for held in outcome.held if held.saved is not None}
    totals = [recorded_totals(path) for path in (program.path, program.fixed)]
    measured |= {name: totals[0][key] - totals[1][key] for name, key in RECORDED.items()}
    rows = []
    for figure, saving in chosen[0].predicted.items():
        if figure not in measured:
            continue
        saved = measured[figure]
        error = math.log2(saving.value / saved) if saved > 0 < saving.value else None
        rows.append(Gain(program.name, kind, figure, *saving, saved, error))
    return rows


def recorded_totals(path: Path) -> dict[str, float]:
    """The totals of a recording of a program, as `memscope summary` has them."""
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "it.mscope"
        memscope("run", "-q", "-o", capture, path)
        return json.loads(memscope("summary", "--json", capture))["totals"]


def gains_document(rows: Sequence[Gain]) -> dict[str, Any]:
    """The table and what it comes to."""
    errors = [abs(row.log2_error) for row in rows if row.log2_error is not None]
    return {
        "rows": [asdict(row) for row in rows],
        "predictions": len(rows),
        "signs_right": sum(row.sign_right for row in rows),
        "median_log2_error": statistics.median(errors) if errors else None,
        "held": sum(row.held for row in rows),
    }
