"""Totals whose columns are decoded when they are asked for: most answers need a third of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from memscope.capture.columns import Numbers, balanced, joined, scaled
from memscope.capture.format import StoredColumn
from memscope.capture.model import Totals

_LIVE = {
    "live_blocks": ("allocations", "released", "taken_in", "handed_over"),
    "live_bytes": (
        "allocated_bytes",
        "released_bytes",
        "taken_in_bytes",
        "handed_over_bytes",
    ),
}


class StoredTotals(Totals):
    """Totals of a file. A column takes a byte or two for a value until it is asked for, then four.

    Five million rows have 20 columns: decoded 340 MB, of which summaries need 120.
    """

    __slots__ = ("_entries", "_rows", "_stored", "_unit")

    _stored: dict[str, Sequence[StoredColumn]]
    _entries: tuple[int, ...]  # of each frame
    _rows: int
    _unit: int

    def __init__(self, stored: Mapping[str, Sequence[StoredColumn]], rows: int, unit: int) -> None:
        """Checked columns by their names, cut to so many rows; estimates are divided by `unit`."""
        entries = tuple(piece.entries for piece in stored["allocations"])
        object.__setattr__(self, "_entries", entries)
        for name, value in (("_stored", dict(stored)), ("_rows", rows), ("_unit", unit)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "source", "totals")

    def __getattr__(self, name: str) -> Numbers:
        """A column that has not been asked for before."""
        if name in _LIVE:
            found = self._live(_LIVE[name])
        elif not name.startswith("_") and name in self._stored:
            found = self._column(name)
            del self._stored[name]
        else:
            raise AttributeError(name)
        object.__setattr__(self, name, found)
        return found

    def passing(self, name: str) -> Numbers:
        if name in self._stored:
            return self._column(name)
        known: Numbers = getattr(self, name)
        return known

    def _column(self, name: str) -> Numbers:
        column = joined([piece.decoded() for piece in self._stored[name]], self._rows)
        return column if name == "longest_chain" else scaled(column, self._unit)

    def _live(self, names: tuple[str, ...]) -> Numbers:
        """What of four columns is live, a frame at a time: whole they take three times as much."""
        parts = zip(*map(self._parts, names), strict=True)
        return joined([balanced(*part) for part in parts], self._rows)

    def _parts(self, name: str) -> Iterator[Numbers]:
        """A column as its frames have it; the last ones may go on beyond the rows."""
        if name in self._stored:
            for piece in self._stored[name]:
                yield scaled(piece.decoded(), self._unit)
            return
        known: Numbers = getattr(self, name)
        begin = 0
        for entries in self._entries:
            part = known[begin : begin + entries]
            # Rows that are in no table were cut off from a column that was decoded.
            yield joined([part, bytes(entries - len(part))]) if len(part) < entries else part
            begin += entries
