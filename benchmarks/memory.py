"""What recording makes of a program's memory: ``python benchmarks/memory.py --help``.

Looks each 20 ms at the program and at the process that supervises it, from when that is without
Python to the program's end. The starts of interpreters before and behind are not in it.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import click
from harness.profilers import profiler_named
from harness.programs import SMALL, program_named

LOOK_S = 0.02
KIB_IN_MIB = 1024
PARTS_TOLD = 30
HEAD = """\
| MiB | alone | program | supervisor | both | times | both, each page once | times |
|---|---:|---:|---:|---:|---:|---:|---:|"""
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
    looks: list[Look] = field(default_factory=list)  # then


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


def watch(command: Sequence[str], supervised: bool) -> Highest:
    """Runs a command; its highest memory."""
    highest, program = Highest(), 0
    with tempfile.TemporaryDirectory() as scratch:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env=os.environ | {"PYTHONHASHSEED": "0"},
            stdout=subprocess.DEVNULL,
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
        raise click.ClickException(f"{' '.join(command)}: status {process.returncode}")
    return highest


def _line(kind: str, alone: Highest, recorded: Highest) -> str:
    mib = [alone.both, recorded.program, recorded.supervisor, recorded.both, recorded.once]
    figures = [f"{each:.1f}" for each in mib]
    figures.insert(4, f"{recorded.both / alone.both:.2f}")
    return f"| {' | '.join([kind, *figures])} | {recorded.once / alone.once:.2f} |"


def _tell_parts(looks: list[Look]) -> None:
    """Where it lies, the largest first."""
    for look in looks:
        click.echo(f"  {look.resident / KIB_IN_MIB:7.1f} MiB")
        for name, kib in look.by_mapping.most_common(PARTS_TOLD):
            click.echo(f"    {kib / KIB_IN_MIB:7.2f}  {name}")


@click.command()
@click.option("--python", default=sys.executable, show_default=False, help="Another interpreter.")
@click.option("--programs", help="Names, by commas. All small ones if not given.")
@click.option("--profiler", default="memscope", show_default=True)
@click.option("--rounds", default=1, show_default=True, help="The median of so many is told.")
@click.option("--parts", is_flag=True, help="Tell in which mappings it lies, too.")
def main(python: str, programs: str | None, profiler: str, rounds: int, parts: bool) -> None:
    """MiB of a program alone, recorded, of what supervises it, and of both at once."""
    names = programs.split(",") if programs else [program.name for program in SMALL]
    launch = profiler_named(profiler).launch
    ratios: list[tuple[float, float]] = []
    click.echo(HEAD)
    for name in names:
        program = program_named(name)
        alone = _median([watch([python, str(program.path)], False) for _ in range(rounds)])
        with tempfile.TemporaryDirectory() as scratch:
            command = [*launch(python, Path(scratch, "capture")), str(program.path)]
            recorded = _median([watch(command, profiler == "memscope") for _ in range(rounds)])
        click.echo(_line(program.kind, alone, recorded))
        ratios.append((recorded.both / alone.both, recorded.once / alone.once))
        if parts:
            _tell_parts(recorded.looks)
    means = [math.exp(sum(map(math.log, each)) / len(each)) for each in zip(*ratios, strict=True)]
    click.echo(f"geometric means: {means[0]:.2f} by sums, {means[1]:.2f} with each page once")


def _median(several: list[Highest]) -> Highest:
    return sorted(several, key=lambda each: each.both)[len(several) // 2]


if __name__ == "__main__":
    main()
