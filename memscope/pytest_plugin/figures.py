"""What one phase of a test allocated, and the lines that did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from memscope.analysis.measures import By, Measures
from memscope.capture import Capture, load
from memscope.capture.model import CodeFrame
from memscope.pytest_plugin.limits import Limit
from memscope.pytest_plugin.roles import Role, roles_of
from memscope.reports.units import bytes_text, count_text

_BY: dict[str, By] = {
    "peak": "peak_bytes",
    "allocated": "allocated_bytes",
    "allocations": "allocations",
    "live": "live_bytes",
    "leaked": "live_bytes",
    "growth": "live_bytes",
}
# What the standard library keeps for the next time is no leak of a test.
_CACHES = (
    *("<frozen importlib", "/importlib/", "/re/", "/linecache.py", "/tokenize.py", "/logging/"),
    *("/functools.py", "/abc.py", "/typing.py", "/warnings.py", "/traceback.py"),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the test itself allocated in a phase, exact: bytes as requested, and calls.

    `peak_bytes` is its part of the highest peak, `live_bytes` what is left at the end.
    """

    peak_bytes: int
    allocated_bytes: int
    allocations: int
    live_bytes: int

    def of(self, name: str) -> int:
        value: int = getattr(self, name if name == "allocations" else f"{name}_bytes")
        return value


class Tests:
    """The stacks of a capture that are the test's own doing, not that of what runs it.

    A stack is if below the last of pytest's frames in it there is one that is not the standard
    library's; so are such stacks of other threads.
    """

    def __init__(self, capture: Capture) -> None:
        codes, nodes = capture.tables.codes, capture.tables.nodes
        known = roles_of(capture.meta)
        roles = [known[file] for file in codes.file]
        # A parent's id is smaller: one pass is enough.
        self.by_node = [False] * len(nodes.code)
        watched = [False] * len(nodes.code)
        for node, code in enumerate(nodes.code):
            if code and (role := roles[code]) is not Role.RUNNER:
                parent = nodes.parent[node]
                watched[node] = role is Role.WATCHER or watched[parent]
                is_test = role is Role.TEST or self.by_node[parent]
                self.by_node[node] = is_test and not watched[node]


def exceeded(figures: Figures, limits: Iterable[Limit]) -> list[Limit]:
    """The limits that figures are above."""
    return [limit for limit in limits if figures.of(limit.name) > limit.most]


def text_of(name: str, value: int) -> str:
    """A figure as people read it, and exactly."""
    if name == "allocations":
        return f"{value:,}"
    return f"{bytes_text(value)} ({value:,} B)" if value >= 1024 else f"{value:,} B"


@dataclass(frozen=True, slots=True)
class Site:
    """A line of a test's own code and what it came to by one measure."""

    frame: CodeFrame
    value: int


def heaviest_lines(path: Path, name: str, count: int = 5) -> list[Site]:
    """The own lines that made most of a figure, heaviest first."""
    with load(path) as capture:
        return _by_line(Measures(capture), _BY[name], lambda frames: True)[1][:count]


@dataclass(frozen=True, slots=True)
class Share:
    """What one of a test's own functions came to; `place` is its file and name."""

    place: str
    peak_bytes: int
    allocated_bytes: int
    allocations: int

    def of(self, name: str) -> int:
        value: int = getattr(self, name if name == "allocations" else f"{name}_bytes")
        return value


def shares(path: Path, root: Path, count: int = 0) -> list[Share]:
    """The own functions of a phase, heaviest by peak first; of each figure `count` (0: all).

    By function, not by line: lines move when anything above them is changed.
    """
    measures = ("peak", "allocated", "allocations")
    sums: dict[str, dict[str, int]] = {}
    with load(path) as capture:
        weighed = Measures(capture)
        for name in measures:
            for site in _by_line(weighed, _BY[name], lambda frames: True)[1]:
                file = Path(site.frame.file)
                shown = file.relative_to(root) if file.is_relative_to(root) else file
                of_place = sums.setdefault(f"{shown} {site.frame.function}", {})
                of_place[name] = of_place.get(name, 0) + site.value
    found = [Share(place, *(of.get(name, 0) for name in measures)) for place, of in sums.items()]
    wanted = {
        share.place
        for name in measures
        for share in sorted(found, key=lambda share: -share.of(name))[: count or None]
    }
    return sorted(
        (share for share in found if share.place in wanted),
        key=lambda share: (-share.peak_bytes, -share.allocated_bytes, share.place),
    )


def differences(name: str, old: Sequence[Share], new: Sequence[Share], kept: int) -> list[str]:
    """What each function's part of a figure was and is, the largest change first.

    `old` holds the `kept` heaviest of each figure: of others it is known what they were below.
    """
    before = {share.place: share.of(name) for share in old}
    whole = len(old) < kept
    below = 0 if whole else sorted(before.values(), reverse=True)[kept - 1]
    lines = []
    for share in new:
        was, now = before.pop(share.place, None), share.of(name)
        if was is None and now > below:
            said = "new" if below == 0 else f"was at most {_amount(name, below)}"
            lines.append((now - below, f"{_amount(name, now):>9}  {share.place}  {said}"))
        elif was is not None and now != was:
            change = f"was {_amount(name, was)}"
            lines.append((abs(now - was), f"{_amount(name, now):>9}  {share.place}  {change}"))
    lines += [
        (was, f"{'none':>9}  {place}  was {_amount(name, was)}")
        for place, was in before.items()
        if was
    ]
    return [line for _, line in sorted(lines, key=lambda line: -line[0])[:5]]


def _amount(name: str, value: int) -> str:
    return count_text(value) if name == "allocations" else bytes_text(value)


def leaks(path: Path, limit: Limit, runs: int = 1) -> tuple[int, list[Site]]:
    """What one of the runs left that is no cache, in bytes, and the lines that made it."""

    def counts(frames: tuple[CodeFrame, ...]) -> bool:
        return not any(
            any(part in frame.file for part in (*_CACHES, *limit.ignore))
            or frame.function in limit.ignore
            or frame.function.rpartition(".")[2] in limit.ignore
            for frame in frames
        )

    with load(path) as capture:
        left, sites = _by_line(Measures(capture), "live_bytes", counts)
    return left // runs, [Site(site.frame, site.value // runs) for site in sites[:5]]


def _by_line(
    measures: Measures, by: By, counts: Callable[[tuple[CodeFrame, ...]], bool]
) -> tuple[int, list[Site]]:
    """The sum over the test's stacks, and their innermost own lines, heaviest first."""
    capture, stacks = measures.capture, measures.stacks
    tests = Tests(capture)
    by_stack: dict[int, float] = {}
    for stack, value in zip(measures.row_stacks, measures.values(by), strict=True):
        if value > 0 and tests.by_node[stack]:
            by_stack[stack] = by_stack.get(stack, 0) + value
    lines: dict[CodeFrame, float] = {}
    for stack, value in by_stack.items():
        if counts(capture.tables.stack(stack)):
            own = stacks.own[stack]
            frame = stacks.frame(own if own and tests.by_node[own] else stack)
            lines[frame] = lines.get(frame, 0) + value
    ranked = sorted(lines.items(), key=lambda entry: -entry[1])
    return round(sum(lines.values())), [Site(frame, round(value)) for frame, value in ranked]


def explain(limit: Limit, value: int, sites: list[Site], capture: Path | None) -> str:
    """Why a test fails: the limit, the figure, by how much, the lines, and how to look further."""
    over = value - limit.most
    lines = [
        f"memscope: {limit.name} is {text_of(limit.name, value)}, "
        f"{text_of(limit.name, over)} above the limit of {text_of(limit.name, limit.most)}"
    ]
    for site in sites:
        amount = _amount(limit.name, site.value)
        lines.append(f"  {amount:>9}  {site.frame.file}:{site.frame.line}  {site.frame.function}")
    if capture is not None:
        lines.append(f"  memscope hotspots --by {_BY[limit.name]} {quote(str(capture))}")
    return "\n".join(lines)
