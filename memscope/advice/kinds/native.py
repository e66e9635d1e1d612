"""Native memory that is much of the peak: what C code holds, at the line that had it requested.

The source does not tell how a library works within, so nothing is advised: the line is named, and
whose code asked. It is not to be taken for memory that is well as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from memscope.advice.context import Context
from memscope.advice.kinds.declaration import AdviceKind
from memscope.advice.model import Findings, Rejected
from memscope.advice.policy import Native
from memscope.analysis.units import bytes_text, share_text
from memscope.capture.format import DOMAINS
from memscope.capture.model import CodeFrame

NAME = "native"

_DOMAIN = DOMAINS.index("native")


def find(context: Context) -> Findings:
    """Lines of which C code holds much at the peak, the one that holds most first."""
    if NAME not in context.capture.meta.domains:
        return Findings()
    held: dict[CodeFrame, Counter[str]] = {}
    for row in _native_rows(context):
        found = held.setdefault(_line_of(context, row), Counter())
        found[_library_of(context, row)] += round(context.capture.totals.peak_bytes[row])
    least = max(Native.least_bytes, Native.least_peak_share * context.whole.peak_bytes)
    named = [_named(context, *entry) for entry in held.items() if entry[1].total() >= least]
    return Findings(rejected=tuple(sorted(named, key=lambda item: -item.weight)))


KIND = AdviceKind(NAME, title="look at what C code holds", precedence=120, find=find)


def _native_rows(context: Context) -> Iterator[int]:
    """Of native blocks at the peak, but those that imports requested: they are how a library is."""
    rows, at_peak = context.capture.tables.rows, context.capture.totals.peak_bytes
    importing = context.measures.stacks.importing
    for row, domain in enumerate(rows.domain):
        if domain == _DOMAIN and at_peak[row] > 0 and not importing[rows.stack[row]]:
            yield row


def _line_of(context: Context, row: int) -> CodeFrame:
    """The line of user code; where none runs, as in a library's own threads, the library's line."""
    tables, stacks = context.capture.tables, context.measures.stacks
    node = tables.rows.stack[row]
    return stacks.frame(stacks.own[node] or tables.nodes.parent[node] or node)


def _library_of(context: Context, row: int) -> str:
    return context.measures.stacks.frame(context.capture.tables.rows.stack[row]).file


def _named(context: Context, line: CodeFrame, held: Counter[str]) -> Rejected:
    size_bytes = held.total()
    share = size_bytes / max(context.whole.peak_bytes, 1)
    library = held.most_common(1)[0][0].rpartition("/")[2] or "C code"
    why = (
        f"native: {bytes_text(size_bytes)}, {share_text(share)} of the peak, which {library}"
        " requested for it; how to have it ask for less, the source does not tell"
    )
    return Rejected(NAME, line, why, min(share, 1.0))
