"""What grows by being copied: reallocations that move, and blocks replaced by larger ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import nlargest
from typing import Literal

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin
from memscope.capture.columns import (
    gathered,
    heaviest_of,
    in_order,
    mark_at_least,
    members,
    numbered,
    sums_by,
)
from memscope.capture.format import SAMPLED_UNIT
from memscope.capture.model import CodeFrame
from memscope.plain import dataclass

LEAST_CHAIN_LINKS = 8  # of a copy chain: fewer are not recorded
STEEP = 1 / 16  # growth of a link from which on it counts as steep

Steps = Literal["constant", "ratio"]


@dataclass(frozen=True, slots=True)
class GrowingSite:
    """What one line's blocks went through as they grew; the line is the innermost of user code.

    Reallocations are exact: `moved` of them moved, which copied `moved_bytes`. A copy chain is what
    copying looks like from outside: at least eight times in a row a larger block of the same line
    was allocated and the one before it freed right after. `copied_bytes` are the sizes of the
    blocks that were replaced. `steps` tells "constant" from "ratio": blocks that grow by a steady
    amount copy a sum that is quadratic in their size, those that grow by a share of it do not.
    """

    site: CodeFrame
    origin: Origin
    reallocations: int
    moved: int
    moved_bytes: int
    longest_reallocation_chain: int
    chains: int
    links: int
    steep_links: int
    copied_bytes: int
    longest_chain: int
    largest_bytes: int

    @property
    def steps(self) -> Steps | None:
        """None where there is no copy chain."""
        if not self.links:
            return None
        return "ratio" if self.steep_links * 2 >= self.links else "constant"

    @property
    def all_copied_bytes(self) -> int:
        return self.moved_bytes + self.copied_bytes


@dataclass(frozen=True, slots=True)
class GrowthReport:
    """The lines that copy most, most first.

    Blocks of copy chains have at least `from_bytes`. `chains_known` is False where the capture may
    be from before copy chains were recorded.
    """

    rows: tuple[GrowingSite, ...]
    sites_count: int
    reallocations: int
    moved: int
    moved_bytes: int
    links: int
    copied_bytes: int
    from_bytes: int
    chains_known: bool


_COUNTERS = ("reallocations", "moved", "copied_bytes", "longest_chain")
_CHAIN_COUNTERS = (
    "chains",
    "links",
    "steep_links",
    "copied_bytes",
    "longest_chain",
    "largest_bytes",
)
_MOST = ("longest_chain", "largest_bytes")  # not added up: the most of all counts


def find_growth(measures: Measures, *, limit: int = 20) -> GrowthReport:
    """The `limit` lines that copy most as their blocks grow (0: all)."""
    capture, stacks = measures.capture, measures.stacks
    sums: dict[int, _Sums] = {}
    first: dict[int, int] = {}

    def site_of(node: int) -> int:
        shown = stacks.own[node] or node
        return first.setdefault(stacks.line_keys[shown], shown)

    _add_reallocations(measures, sums, site_of)
    if capture.growth is not None:
        chains = [getattr(capture.growth, name) for name in _CHAIN_COUNTERS]
        for node, *values in zip(capture.growth.stack, *chains, strict=True):
            sums.setdefault(site_of(node), _Sums()).add(_CHAIN_COUNTERS, values, "chain ")
    rows = [
        GrowingSite(stacks.frame(node), stacks.origin(node), **found.counters())
        for node, found in sums.items()
    ]
    chosen = nlargest(
        len(rows) if limit <= 0 else limit,
        (row for row in rows if row.all_copied_bytes or limit <= 0),
        key=lambda row: (row.all_copied_bytes, row.reallocations),
    )
    end = capture.end
    return GrowthReport(
        rows=tuple(chosen),
        sites_count=sum(bool(row.all_copied_bytes) for row in rows),
        reallocations=sum(row.reallocations for row in rows),
        moved=sum(row.moved for row in rows),
        moved_bytes=sum(row.moved_bytes for row in rows),
        links=sum(row.links for row in rows),
        copied_bytes=sum(row.copied_bytes for row in rows),
        from_bytes=4096 if capture.meta.sampled else 513,
        chains_known=capture.growth is not None
        or (end is not None and end.arenas_made is not None),
    )


def _add_reallocations(
    measures: Measures, sums: dict[int, _Sums], site_of: Callable[[int], int]
) -> None:
    """What was reallocated, by site."""
    totals, stacks = measures.capture.totals, measures.stacks
    columns = [totals.passing(name) for name in _COUNTERS]
    grown = bytearray(len(measures.row_stacks))
    mark_at_least(grown, columns[0], 1 / SAMPLED_UNIT)
    rows_grown = members(b"\0\1", grown)
    nodes = gathered(measures.row_stacks, rows_grown)
    of_row, first = numbered(gathered(stacks.line_keys, gathered(stacks.shown, nodes)))
    of_site = []
    for name, column in zip(_COUNTERS, columns, strict=True):
        values = gathered(column, rows_grown)
        if name in _MOST:
            of_site.append(gathered(values, heaviest_of(of_row, values, len(first))))
        else:
            of_site.append(sums_by(of_row, values, len(first)))
    for group in in_order(first):
        counters = [column[group] for column in of_site]
        sums.setdefault(site_of(nodes[first[group]]), _Sums()).add(_COUNTERS, counters, "")


class _Sums:
    """Counters of one site on their way."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def add(self, names: Sequence[str], values: Sequence[float], prefix: str) -> None:
        for name, value in zip(names, values, strict=True):
            key = prefix + name
            held = self.values.get(key, 0)
            self.values[key] = max(held, value) if name in _MOST else held + value

    def counters(self) -> dict[str, int]:
        found = {name: round(value) for name, value in self.values.items()}
        return {
            "reallocations": found.get("reallocations", 0),
            "moved": found.get("moved", 0),
            "moved_bytes": found.get("copied_bytes", 0),
            "longest_reallocation_chain": found.get("longest_chain", 0),
            **{name: found.get(f"chain {name}", 0) for name in _CHAIN_COUNTERS},
        }
