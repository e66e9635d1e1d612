"""Who keeps what a test has left alive: told by the snapshot that its capture has."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from memscope.analysis.measures import Measures
from memscope.analysis.retainedparts import RetainedPart, retained_parts
from memscope.analysis.retainers import Holdings, root_text
from memscope.analysis.sharetexts import share_texts
from memscope.analysis.units import bytes_text
from memscope.capture import load
from memscope.capture.columns import flags, gathered, nearest
from memscope.errors import MemscopeError, one_line
from memscope.pytest_plugin.figures import Line
from memscope.pytest_plugin.leaks import Leaks

_SHOWN = 5
_WORTH = 1 / 16  # of what is left: what is not found of it is told from here on


def said_of_holders(path: str, lines: Sequence[Line], leaks: Leaks) -> list[str]:
    """In lines of text: the ways to what these lines have left, its types, and what made it.

    Bytes are those of one run, and of objects with what they hold: by `sys.getsizeof()`, and not by
    what was requested.
    """
    with load(path) as capture:
        try:
            holdings = Holdings(Measures(capture))
        except MemscopeError as error:
            return [unknown(error.what.rpartition(": ")[2])]
        parts = retained_parts(holdings, _left(holdings, lines, leaks))
    said = ["  kept by"] if parts else []
    said += (text for part in parts[:_SHOWN] for text in _part(part, leaks.runs))
    if (more := len(parts) - _SHOWN) > 0:
        said.append(f"    and {more} more")
    left = leaks.left(lines)
    missing = left - sum(part.bytes for part in parts) / leaks.runs
    if missing > left * _WORTH:
        said.append(
            f"    who keeps {bytes_text(missing)} is not known: a list or dictionary from before "
            "that has grown, or C code"
        )
    return [*said, f"  memscope holders {quote(path)}"]


def unknown(why: str) -> str:
    return f"  who keeps it is not known: {why}"


def _left(holdings: Holdings, lines: Sequence[Line], leaks: Leaks) -> list[int]:
    """The objects that were made in the section by one of these lines, or by what they called."""
    tables = holdings.measures.capture.tables
    nodes, codes = tables.nodes, tables.codes
    wanted = {line[:3] for line in lines if line.figures.live_bytes > 0}
    places = list(zip(codes.file, codes.function, strict=True))
    by_line = (
        (*places[code], line) in wanted for code, line in zip(nodes.code, nodes.line, strict=True)
    )
    made = nearest(nodes.parent, flags(by_line))
    skipped = flags(leaks.ignored(*place) for place in places)
    is_skipped = nearest(nodes.parent, gathered(skipped, nodes.code))
    snapshot, stacks = holdings.snapshot, tables.rows.stack
    found = []
    for number, row in enumerate(snapshot.row):
        if row:
            stack = stacks[row - 1]
            if made[stack] and not is_skipped[stack]:
                found.append(number)
    return found


def _part(part: RetainedPart, runs: int) -> list[str]:
    root = "" if part.way.root.kind == "module" else f"  {root_text(part.way.root)}"
    way = f"    {one_line(part.way.path)}  {bytes_text(part.bytes / runs)}{one_line(root)}"
    return [way, *(f"    {text}" for text in share_texts(part.types, part.lines, runs))]
