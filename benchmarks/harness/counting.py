"""Counts how many allocations a profiler reports for programs that make none."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from harness.measure import run_trial
from harness.profilers import MEMRAY_ALL, MEMSCOPE, Profiler
from harness.programs import Program
from harness.results import Count

COUNTED = (
    Program("empty_calls", "a million calls of an empty function"),
    Program("dict_gets", "a million `d.get(key)`"),
)


def count_allocations(
    python: str, program: Program, profiler: Profiler, *, timeout_s: float
) -> Count:
    """What the profiler counts with the work at scale 1, less what it counts without any."""
    totals = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        capture = Path(scratch, "capture")
        for scale in (0, 1):
            trial = run_trial(
                python,
                program,
                profiler,
                number=1,
                scale=scale,
                capture=capture,
                timeout_s=timeout_s,
            )
            if trial.failure:
                raise RuntimeError(f"{program.name} under {profiler.name}: {trial.failure}")
            totals.append(_total(python, profiler, capture))
    return Count(program.kind, profiler.name, totals[1] - totals[0])


def _total(python: str, profiler: Profiler, capture: Path) -> int:
    """All allocations in a capture, as the profiler itself tells."""
    if profiler is MEMSCOPE:
        command = [python, "-m", "memscope", "summary", "--json", str(capture)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        return int(json.loads(answer.stdout)["totals"]["allocations"])
    if profiler is MEMRAY_ALL:
        told = capture.with_suffix(".json")
        command = [python, "-m", "memray", "stats", "--json", "-f", "-o", str(told), str(capture)]
        subprocess.run(command, check=True, capture_output=True)
        return int(json.loads(told.read_text())["total_num_allocations"])
    raise ValueError(f"no way to ask {profiler.name} for a count")
