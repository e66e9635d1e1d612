"""Runs one program under one profiler and measures it; puts many such trials into a fair order."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.profilers import NONE, Profiler
from harness.programs import Program


@dataclass(frozen=True, slots=True)
class Trial:
    """One run: figures of its work part, by programs/stopwatch.py, and (``run_``) of all of it."""

    program: str
    profiler: str
    round: int
    scale: int = 1
    wall_s: float = 0.0
    cpu_s: float = 0.0  # of the recorded process, all threads
    supervisor_cpu_s: float = 0.0  # meanwhile, of a process that supervises it
    peak_bytes: int = 0  # of the recorded process
    run_wall_s: float = 0.0
    run_cpu_s: float = 0.0  # of the command and all its children, from start to end
    capture_bytes: int | None = None
    failure: str | None = None

    @property
    def work_cpu_s(self) -> float:
        """What the work part cost on all cores: the recorded process and its supervisor."""
        return self.cpu_s + self.supervisor_cpu_s


def run_trial(
    python: str,
    program: Program,
    profiler: Profiler,
    *,
    number: int,
    scale: int,
    capture: Path,
    timeout_s: float,
) -> Trial:
    """One trial; if it fails or takes too long, the reason is in ``failure``."""
    capture.unlink(missing_ok=True)
    command = [*profiler.launch(python, capture), str(program.path), str(scale)]
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        figures_path, errors_path = Path(scratch, "figures"), Path(scratch, "stderr")
        with open(errors_path, "wb") as errors:
            started = time.perf_counter()
            process = subprocess.Popen(
                command,
                env=_environment(figures_path),
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
            if not (in_time := _ends(process.pid, timeout_s)):
                os.killpg(process.pid, signal.SIGKILL)
            _, status, usage = os.wait4(process.pid, 0)
            run_wall_s = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        figures = json.loads(figures_path.read_text()) if figures_path.exists() else {}
        failure = None
        if not in_time:
            failure = f"took longer than {timeout_s:.0f} s"
        elif process.returncode or not figures:
            failure = f"status {process.returncode}: {_last_line(errors_path)}"
    return Trial(
        program=program.name,
        profiler=profiler.name,
        round=number,
        run_wall_s=round(run_wall_s, 6),
        run_cpu_s=round(usage.ru_utime + usage.ru_stime, 6),
        capture_bytes=capture.stat().st_size if profiler.captures and capture.exists() else None,
        failure=failure,
        **({"scale": scale} | figures),
    )


def _environment(figures_path: Path) -> dict[str, str]:
    """Ours without what changes Python itself, and with the same hashes in every run."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return inherited | {
        "PYTHONHASHSEED": "0",
        "BENCH_RESULT": str(figures_path),
        "BENCH_RUNNER": str(os.getpid()),
    }


def _ends(pid: int, timeout_s: float) -> bool:
    """Waits for the end of a child; whether it came in time."""
    process = os.pidfd_open(pid)
    try:
        ended, _, _ = select.select([process], [], [], timeout_s)
        return bool(ended)
    finally:
        os.close(process)


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "nothing on stderr"


def rounds(
    python: str,
    programs: Sequence[Program],
    profilers: Sequence[Profiler],
    *,
    first: int,
    count: int,
    scale: int,
    captures_dir: Path,
    timeout_s: float,
) -> Iterator[Trial]:
    """All trials: in each round every program under every profiler, in rotating order.

    The profilers of one program follow one another, so that a slow minute hits all of them.
    No profiler, by which all are judged, runs twice: at the beginning and half-way.
    """
    for program in programs:  # fills the bytecode and disk caches; not counted
        run_trial(
            python,
            program,
            NONE,
            number=0,
            scale=1,
            capture=captures_dir / "none",
            timeout_s=timeout_s,
        )
    for number in range(first, first + count):
        for position, program in enumerate(programs):
            for profiler in _in_turn(profilers, number + position):
                if profiler.most_rounds is not None and number - first >= profiler.most_rounds:
                    continue
                capture = captures_dir / f"{program.name}.{profiler.name}.capture"
                yield run_trial(
                    python,
                    program,
                    profiler,
                    number=number,
                    scale=scale,
                    capture=capture,
                    timeout_s=timeout_s,
                )


def _in_turn(profilers: Sequence[Profiler], turn: int) -> list[Profiler]:
    """The profilers, beginning with another one each turn, and no profiler at two places."""
    others = [profiler for profiler in profilers if profiler is not NONE]
    if len(others) == len(profilers) or not others:
        return list(profilers)
    first = turn % len(others)
    order, half = [*others[first:], *others[:first]], len(others) // 2
    return [NONE, *order[:half], NONE, *order[half:]]


def time_reading(
    python: str, profiler: Profiler, capture: Path, *, repeats: int, timeout_s: float
) -> list[float]:
    """Seconds that a profiler's first answer from a capture takes, process start included."""
    if profiler.reading is None:
        raise ValueError(f"{profiler.name} has no command that reads a capture")
    taken_s = []
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        for _ in range(repeats):
            started = time.perf_counter()
            subprocess.run(
                profiler.reading(python, capture),
                cwd=scratch,
                check=True,
                timeout=timeout_s,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            taken_s.append(time.perf_counter() - started)
    return taken_s
