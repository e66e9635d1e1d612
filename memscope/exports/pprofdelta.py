"""What came between two captures of one recording, as a pprof profile.

The two have tables of their own, in which the same stack may have another number. So stacks are
matched by their frames. Types are left out: a row may get its type in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import BinaryIO

from memscope.analysis.measures import Measures
from memscope.capture import Capture
from memscope.capture.model import Tables
from memscope.exports.pprof import (
    SAMPLE_TYPES,
    Profile,
    RowKey,
    figures_by_row,
    write_profile,
)

# What stays as it is in a profile whose other figures are differences.
HELD = ("inuse_objects", "inuse_space", "peak_objects", "peak_space")

_Node = tuple[int, str, str, int, int]  # parent; file, function, first line; line


def write_delta(
    before: Capture,
    after: Capture,
    stream: BinaryIO,
    default: str,
    *,
    kept: Collection[str] = (),
) -> None:
    """Write what is in `after` less what is in `before`, for all sample types that are not kept."""
    rows = delta(before, after, kept=kept)
    seconds = (after.duration_ns - before.duration_ns) / 1e9
    notes = [f"a difference, over {seconds:.3f} s", "types are left out of differences"]
    write_profile(Profile(after, default, rows, notes), stream)


def delta(
    before: Capture, after: Capture, *, kept: Collection[str] = ()
) -> dict[RowKey, Sequence[int]]:
    """Figures by stack of `after`, domain and size class; type 0. Sums are differences of sums.

    A stack that `after` no longer has, since it has folded, counts for its nearest caller there.
    """
    signs = [0 if name in kept else -1 for name, _, _ in SAMPLE_TYPES]
    numbers: dict[_Node, int] = {}
    same = _numbered(after.tables, numbers, add=True)
    sums: defaultdict[RowKey, list[int]] = defaultdict(lambda: [0] * len(SAMPLE_TYPES))
    for (stack, domain, size_class, _), values in figures_by_row(Measures(after)):
        found = sums[same[stack], domain, size_class, 0]
        for place, value in enumerate(values):
            found[place] += value
    earlier = _numbered(before.tables, numbers, add=False)
    for (stack, domain, size_class, _), values in figures_by_row(Measures(before)):
        found = sums[earlier[stack], domain, size_class, 0]
        for place, (sign, value) in enumerate(zip(signs, values, strict=True)):
            found[place] += sign * value
    return dict(sums)


def _numbered(tables: Tables, numbers: dict[_Node, int], *, add: bool) -> list[int]:
    """Of each node the number by which `after` knows it; parents come before their children."""
    nodes, codes = tables.nodes, tables.codes
    names = list(zip(codes.file, codes.function, codes.first_line, strict=True))
    found = [0]
    for node in range(1, len(nodes.parent)):
        parent = found[nodes.parent[node]]
        key = (parent, *names[nodes.code[node]], nodes.line[node])
        number = numbers.get(key)
        if number is None:
            number = numbers.setdefault(key, node) if add else parent
        found.append(number)
    return found
