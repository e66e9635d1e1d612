"""Runs programs as they are, without memscope in them, and says what they took."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from memscope.errors import MemscopeError, one_line
from memscope.plain import dataclass
from memscope.recording.usage import share_told, usage_of

_HELPER = Path(__file__).with_name("_trial.py")
_LAST_WORDS_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of a program; all but `children_cpu_s` is its own, without its children's.

    CPU time is user and system time; `resident_bytes` is the peak, the highest at looks 20 ms apart
    where the program waited for children; `page_faults` counts those that were served from memory
    as well as those from disk. `children_cpu_s`: of the children that it waited for, with theirs.
    """

    wall_s: float
    cpu_s: float
    children_cpu_s: float
    resident_bytes: int
    page_faults: int


@dataclass(frozen=True, slots=True)
class _Total:
    """What the helper tells of the kernel's struct_rusage."""

    ru_utime: float
    ru_stime: float
    ru_maxrss: int
    ru_minflt: int
    ru_majflt: int


def interleaved(
    before: Sequence[str],
    after: Sequence[str],
    pairs_count: int,
    *,
    show_output: bool = False,
    printed: Callable[[BinaryIO, BinaryIO], None] = lambda before, after: None,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[list[Trial], list[Trial]]:
    """Runs two commands in turn, in fresh processes; which of a pair comes first alternates.

    A pair that is not counted comes before them, so that files are cached and modules compiled.
    `printed` is given what that pair wrote on standard output. `progress` is told how many pairs
    are done, of `pairs_count` and one. Raises MemscopeError if a program fails.
    """
    trials: tuple[list[Trial], list[Trial]] = [], []
    with tempfile.TemporaryFile() as of_before, tempfile.TemporaryFile() as of_after:
        for command, file in ((before, of_before), (after, of_after)):
            run_once(command, show_output=show_output, output=file)
        printed(of_before, of_after)
    progress(1)
    for pair in range(1, pairs_count + 1):
        for side in _order(pair):
            trials[side].append(run_once((before, after)[side], show_output=show_output))
        progress(pair + 1)
    return trials


def _order(pair: int) -> Iterator[int]:
    return iter((0, 1) if pair % 2 == 0 else (1, 0))


def run_once(
    command: Sequence[str], *, show_output: bool = False, output: BinaryIO | None = None
) -> Trial:
    """Runs a command to its end; raises MemscopeError where that is not a successful one.

    What it prints goes to nowhere, or to standard error, and into `output` if that is given.
    """
    with tempfile.TemporaryFile() as said, Path(os.devnull).open("wb") as nowhere:
        elsewhere = 2 if show_output else nowhere.fileno()
        printing = elsewhere if output is None else output.fileno()
        report = _measured(command, printing, 2 if show_output else said.fileno())
        if output is not None and show_output:
            _copy_to_stderr(output)
        figures, _, stat = report.partition(b"\n")
        status, *told = figures.split()
        if status != b"0":
            raise MemscopeError(
                _how_it_failed(int(status)) + _last_words(said), command_name(command)
            )
    wall_s, user_s, system_s, clock_s = (float(told[place]) for place in (0, 1, 2, 7))
    total = _Total(user_s, system_s, *map(int, told[3:6]))
    own = share_told(stat, clock_s if clock_s >= 0 else None)
    usage = usage_of(own, total, seen_peak_bytes=int(told[6]), starter_peak_bytes=0)
    return Trial(
        wall_s=wall_s,
        cpu_s=usage.cpu_s,
        children_cpu_s=usage.waited_cpu_s,
        resident_bytes=usage.peak_resident_bytes,
        page_faults=usage.minor_faults + usage.major_faults,
    )


def _copy_to_stderr(file: BinaryIO) -> None:
    file.seek(0)
    while piece := file.read(1 << 16):
        left = memoryview(piece)
        while left:
            left = left[os.write(2, left) :]


def _measured(command: Sequence[str], output: int, errors: int) -> bytes:
    """The helper's report: status, wall, the kernel's figures, the program's own share of them."""
    reading, writing = os.pipe()
    try:
        words = [sys.executable, "-I", "-S", str(_HELPER), *map(str, (writing, output, errors))]
        # A group of its own: whatever goes wrong here, the program does not outlive it.
        helper = subprocess.Popen(
            [*words, *command],
            stdin=subprocess.DEVNULL,
            pass_fds=(writing, output, errors),
            process_group=0,
        )
        os.close(writing)
        writing = -1
        try:
            report = os.read(reading, 4096)  # empty if the helper ended without a word
            helper.wait()
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(helper.pid, signal.SIGKILL)
            helper.wait()
            raise
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)
    if not report:
        raise MemscopeError("could not be run", command_name(command))
    return report


def command_name(command: Sequence[str]) -> str:
    """The program of a command as people name it: without the interpreter and its flags."""
    return next((word for word in command[1:] if not word.startswith("-")), command[0])


def _how_it_failed(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _last_words(said: BinaryIO) -> str:
    """The last line that the program wrote on its standard error."""
    said.seek(0, os.SEEK_END)
    said.seek(max(said.tell() - _LAST_WORDS_BYTES, 0))
    lines = said.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f": {one_line(last)[:200]}" if last else ""
