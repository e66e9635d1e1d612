"""What the functions of a test came to: kept in baselines, and compared with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from memscope.pytest_plugin.figures import Line, amount

_MEASURES = ("peak", "allocated", "allocations")


class Share(NamedTuple):
    """What one of a test's own functions came to; `place` is its file and name."""

    place: str
    peak_bytes: int
    allocated_bytes: int
    allocations: int

    def of(self, name: str) -> int:
        value: int = getattr(self, name if name == "allocations" else f"{name}_bytes")
        return value


# By file and function: peak, bytes and calls.
Sums = dict[tuple[str, str], tuple[int, int, int]]


def summed(parts: Iterable[tuple[tuple[str, str], tuple[int, int, int]]]) -> Sums:
    """The sums of each function: several code objects are one where the program made it anew."""
    sums: Sums = {}
    for place, part in parts:
        if place in sums:
            peak, allocated, allocations = sums[place]
            sums[place] = (peak + part[0], allocated + part[1], allocations + part[2])
        else:
            sums[place] = part
    return sums


def of_functions(lines: Iterable[Line]) -> Sums:
    """By function, not by line: lines move when anything above them is changed."""
    return summed(
        ((file, function), (peak, allocated, allocations))
        for file, function, _, (peak, allocated, allocations, _) in lines
    )


def shares(sums: Sums, root: str, count: int = 0) -> list[Share]:
    """The functions of a phase, heaviest by peak first; of each figure `count` (0: all)."""
    inside = root.rstrip("/") + "/"
    wanted: set[tuple[str, str]] = set()
    for measure in range(len(_MEASURES)):
        ranked = sorted(sums, key=lambda place: sums[place][measure], reverse=True)
        wanted.update(place for place in ranked[: count or None] if sums[place][measure])
    found = [
        Share(f"{file.removeprefix(inside)} {function}", *sums[file, function])
        for file, function in wanted
    ]
    return sorted(found, key=lambda share: (-share.peak_bytes, -share.allocated_bytes, share.place))


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
            said = "new" if below == 0 else f"was at most {amount(name, below)}"
            lines.append((now - below, f"{amount(name, now):>9}  {share.place}  {said}"))
        elif was is not None and now != was:
            change = f"was {amount(name, was)}"
            lines.append((abs(now - was), f"{amount(name, now):>9}  {share.place}  {change}"))
    lines += [
        (was, f"{'none':>9}  {place}  was {amount(name, was)}")
        for place, was in before.items()
        if was
    ]
    return [line for _, line in sorted(lines, key=lambda line: -line[0])[:5]]
