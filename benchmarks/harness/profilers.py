"""The profilers that are compared: how each one starts a program and what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Command = list[str]
Launch = Callable[[str, Path], Command]  # (python, capture): what precedes the program


@dataclass(frozen=True, slots=True)
class Profiler:
    """A way to run ``program args``; ``launch`` gives the command line before them."""

    name: str
    title: str
    launch: Launch
    module: str | None = None  # must be importable; None: part of Python
    captures: bool = False  # leaves a file whose size is worth comparing
    reading: Callable[[str, Path], Command] | None = None  # prints the first answer from a capture
    since: tuple[int, int] = (3, 11)
    most_rounds: int | None = None  # of a profiler so slow that it would take most of the time


def _plain(python: str, _capture: Path) -> Command:
    return [python]


def _tracemalloc(frames: int) -> Launch:
    return lambda python, _capture: [python, "-X", f"tracemalloc={frames}"]


def _memray(*options: str) -> Launch:
    return lambda python, capture: [
        python, "-m", "memray", "run", "-q", "-f", "-o", str(capture), *options,
    ]  # fmt: skip


def _heapwise(*options: str) -> Launch:
    return lambda python, _capture: [python, "-m", "heapwise", "run", "--no-html", *options]


def _memscope(*options: str) -> Launch:
    return lambda python, capture: [
        python, "-m", "memscope", "run", "-q", "--no-summary", "-f", "-o", str(capture), *options,
    ]  # fmt: skip


NONE = Profiler("none", "no profiler", _plain)
CONTROL = Profiler("control", "no profiler, once more", _plain)
MEMRAY = Profiler("memray", "memray", _memray(), module="memray", captures=True)
MEMRAY_ALL = Profiler(
    "memray-all",
    "memray, Python allocators",
    _memray("--trace-python-allocators"),
    module="memray",
    captures=True,
    reading=lambda python, capture: [python, "-m", "memray", "stats", str(capture)],
)
MEMSCOPE = Profiler(
    "memscope",
    "memscope",
    _memscope(),
    module="memscope",
    captures=True,
    reading=lambda python, capture: [python, "-m", "memscope", "summary", "--json", str(capture)],
)
MEMSCOPE_REQUESTS = Profiler(
    "memscope-no-objects",
    "memscope --no-objects",
    _memscope("--no-objects"),
    module="memscope",
    captures=True,
)
MEMSCOPE_SAMPLED = Profiler(
    "memscope-sampled",
    "memscope --sample 524288",
    _memscope("--sample", "524288"),
    module="memscope",
    captures=True,
)
HEAPWISE_EXACT = Profiler(
    "heapwise-exact",
    "heapwise --exact",
    _heapwise("--exact"),
    module="heapwise",
    since=(3, 12),
)
HEAPWISE = Profiler("heapwise", "heapwise, sampled", _heapwise(), module="heapwise", since=(3, 12))

PROFILERS = (
    NONE,
    CONTROL,
    MEMSCOPE,
    MEMSCOPE_REQUESTS,
    MEMSCOPE_SAMPLED,
    MEMRAY,
    MEMRAY_ALL,
    HEAPWISE_EXACT,
    HEAPWISE,
    Profiler("tracemalloc-1", "tracemalloc, 1 frame", _tracemalloc(1)),
    Profiler("tracemalloc-25", "tracemalloc, 25 frames", _tracemalloc(25), most_rounds=1),
)


def profiler_named(name: str) -> Profiler:
    """The profiler of this name; KeyError if there is none."""
    return {profiler.name: profiler for profiler in PROFILERS}[name]
