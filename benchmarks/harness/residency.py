"""Resident memory of a program and of the process that supervises it, while the program runs.

Looks each 20 ms at both, from when the supervisor is without Python to the program's end. The
starts of interpreters before and behind are not in it.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from harness.profilers import Profiler
from harness.programs import Program

LOOK_S = 0.02
KIB_IN_MIB = 1024
PARTS_TOLD = 30
MAPPING = re.compile(r"[0-9a-f]+-[0-9a-f]+ (\S{4}) ([0-9a-f]+) (\S+) (\d+) *(.*)")


@dataclass(slots=True)
class Look:
    """KiB that a process has at a moment."""

    resident: int = 0
    private: int = 0  # pages without a file: nobody else's but a forked copy's
    by_mapping: Counter[str] = field(default_factory=Counter)
    files: Counter[tuple[str, ...]] = field(default_factory=Counter)


@dataclass(slots=True)
class Highest:
    """MiB: each process's own highest, and that of both at one moment."""

    program: float = 0.0
    supervisor: float = 0.0
    both: float = 0.0
    once: float = 0.0  # both, where a page that both have counts once
    looks: list[Look] = field(default_factory=list)  # then: the program's, the supervisor's

    def parts(self) -> Iterator[str]:
        """In which mappings it lay, the largest first: a line for each."""
        for look in self.looks:
            yield f"  {look.resident / KIB_IN_MIB:7.1f} MiB"
            for name, kib in look.by_mapping.most_common(PARTS_TOLD):
                yield f"    {kib / KIB_IN_MIB:7.2f}  {name}"


@dataclass(frozen=True, slots=True)
class Residency:
    """One run. Without a supervisor, `both_mib` is the program's."""

    program: str
    profiler: str
    round: int
    program_mib: float
    supervisor_mib: float
    both_mib: float
    once_mib: float

    @property
    def is_within_bound(self) -> bool:
        """Whether the supervisor keeps to 64 MB and a tenth of the program's peak."""
        bound_bytes = 64e6 + self.program_mib * KIB_IN_MIB**2 / 10
        return self.supervisor_mib * KIB_IN_MIB**2 <= bound_bytes


def _mappings(pid: int) -> Look:
    look = Look()
    where: tuple[str, ...] = ()
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text(errors="replace").splitlines():
        if found := MAPPING.match(line):
            rights, offset, device, inode, name = found.groups()
            where = (device, inode, offset, rights) if inode != "0" else ()
            continue
        key, _, value = line.partition(":")
        if key == "Rss":
            look.resident += (kib := int(value.split()[0]))
            look.by_mapping[name or "anonymous"] += kib
            shared = kib
        elif key == "Anonymous":  # of a private mapping of a file, the pages that were written
            look.private += (kib := int(value.split()[0]))
            if where:
                look.files[where] += shared - kib
    return look


def _once(looks: list[Look]) -> int:
    """KiB of all, where what several have of one part of a file is taken for the same pages."""
    files: Counter[tuple[str, ...]] = Counter()
    for look in looks:
        files |= look.files
    return sum(look.private for look in looks) + files.total()


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1])
    return 0


def _executed(pid: int) -> str:
    return Path(os.readlink(f"/proc/{pid}/exe")).name


def _recorded(pid: int) -> int:
    """The program that a supervisor has; 0: it is none, or not yet."""
    if not _executed(pid).startswith("_supervisor"):
        return 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return next((int(each) for each in children if not _executed(int(each)).startswith("_")), 0)


def _look(pids: list[int], highest: Highest) -> None:
    """The program comes first, then its supervisor."""
    resident = [_resident(each) / KIB_IN_MIB for each in pids]
    highest.program = max(highest.program, resident[0])
    highest.supervisor = max([highest.supervisor, *resident[1:]])
    if sum(resident) <= highest.both:
        return
    looks = [_mappings(each) for each in pids]
    highest.both = sum(resident)
    highest.once = max(highest.once, _once(looks) / KIB_IN_MIB)
    highest.looks = looks


def run_watched(
    python: str, program: Program, profiler: Profiler, number: int
) -> tuple[Residency, Highest]:
    """One run; RuntimeError if it fails."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        command = [*profiler.launch(python, Path(scratch, "capture")), str(program.path)]
        highest = _watch(command, supervised=profiler.module == "memscope")
    figures = (highest.program, highest.supervisor, highest.both, highest.once)
    rounded = (round(figure, 2) for figure in figures)
    return Residency(program.name, profiler.name, number, *rounded), highest


def _watch(command: Sequence[str], supervised: bool) -> Highest:
    highest, program = Highest(), 0
    with tempfile.TemporaryDirectory() as scratch:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env=os.environ | {"PYTHONHASHSEED": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        while process.poll() is None:
            with suppress(OSError):  # it ends
                if supervised and program == 0:
                    program = _recorded(process.pid)
                if not supervised:
                    _look([process.pid], highest)
                elif program != 0:
                    _look([program, process.pid], highest)
            time.sleep(LOOK_S)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: status {process.returncode}")
    return highest
