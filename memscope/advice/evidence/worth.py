"""What objects are worth, as the program told near its peak: equal ones, and unused room.

A sample of a row's objects was asked about. What it says of all of them has a low end: contents
that came once in the sample count as unique there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from memscope.advice.evidence.lines import UserLine, UserLines
from memscope.advice.policy import OverAllocated, Worth
from memscope.analysis.measures import Measures
from memscope.capture.values import Valued
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Equal:
    """A line's objects of one type whose contents were looked at. Bytes and blocks at the peak."""

    line: UserLine
    type: str
    asked: int
    distinct: float  # contents of those asked about
    blocks: float
    held_bytes: float
    spare_low_bytes: float  # what all but one of each content take, at least
    spare_bytes: float
    contents: float  # that there are, at most


@dataclass(frozen=True, slots=True)
class Roomy:
    """A line's containers of one type: what those asked about hold and need, on average."""

    line: UserLine
    type: str
    asked: int
    blocks: float  # at the peak
    held_bytes: float  # of each, with its tables
    needed_bytes: float  # that a copy of each would take
    texts: int  # of those asked about, lists of characters

    @property
    def ratio(self) -> float:
        return self.held_bytes / max(self.needed_bytes, 1.0)

    @property
    def is_mostly_spare(self) -> bool:
        return self.ratio >= OverAllocated.least_ratio

    @property
    def spare_bytes(self) -> float:
        # A few say nothing of others, but each was looked at.
        known = self.blocks if self.asked >= Worth.least_asked else min(self.asked, self.blocks)
        return known * (self.held_bytes - self.needed_bytes)


class Worths:
    """What the last look near the peak says, by lines of user code and types."""

    def __init__(self, measures: Measures, lines: UserLines) -> None:
        self._capture = measures.capture
        self._lines = lines

    @property
    def why_unknown(self) -> str:
        """Why nothing is known of values, where much might be saved; else ""."""
        if self._capture.values is not None:
            return ""
        if self._capture.sums.total.peak_bytes < 2 * Worth.least_peak_bytes:
            return ""
        return (
            "the program was not asked what its objects hold: `memscope run` asks if many small"
            " objects are live for some tenths of a second, above 4 MiB, and nothing is sampled"
        )

    def equal(self) -> Iterator[Equal]:
        """Lines with objects whose contents were compared."""
        for line, of_type, buckets in self._grouped(lambda it: it.distinct > 0):
            asked = sum(it.asked for it in buckets)
            distinct = sum(it.distinct for it in buckets)
            sums = (sum(column) for column in zip(*map(_equal, buckets), strict=True))
            yield Equal(line, of_type, asked, distinct, *sums)

    def roomy(self) -> Iterator[Roomy]:
        """Lines with containers."""
        for line, of_type, buckets in self._grouped(lambda it: it.held_bytes > 0):
            asked = sum(it.asked for it in buckets)
            yield Roomy(
                line=line,
                type=of_type,
                asked=asked,
                blocks=sum(it.peak_blocks for it in buckets),
                held_bytes=sum(it.held_bytes for it in buckets) / asked,
                needed_bytes=sum(it.needed_bytes for it in buckets) / asked,
                texts=sum(it.texts for it in buckets),
            )

    def _grouped(
        self, wanted: Callable[[Valued], bool]
    ) -> Iterator[tuple[UserLine, str, list[_Bucket]]]:
        """By line and type what was asked about, summed by stack and size class."""
        values, tables = self._capture.values, self._capture.tables
        groups: dict[tuple[int, int], tuple[UserLine, dict[tuple[int, int], _Bucket]]] = {}
        for it in values.valued if values is not None else ():
            line = self._lines.of_row(it.row) if wanted(it) else None
            if line is None:
                continue
            _, buckets = groups.setdefault((line.key, it.type), (line, {}))
            place = tables.rows.stack[it.row], tables.rows.size_class[it.row]
            if place not in buckets:
                buckets[place] = self._bucket(it, line)
            buckets[place].add(it, self._asked[it.row])
        for (_, of_type), (line, buckets) in groups.items():
            yield line, tables.types[of_type].name, list(buckets.values())

    @cached_property
    def _asked(self) -> dict[int, int]:
        """How many of a row were asked about, whatever they are."""
        found: dict[int, int] = {}
        for it in self._capture.values.valued if self._capture.values is not None else ():
            found[it.row] = found.get(it.row, 0) + it.asked
        return found

    def _bucket(self, it: Valued, line: UserLine) -> _Bucket:
        """What was live at the peak of this type, stack and size class.

        Not the row itself: a block passes to the row of its type when that is known.
        """
        rows, totals = self._capture.tables.rows, self._capture.totals
        like = [
            row
            for row in line.rows
            if rows.type[row] == it.type
            and rows.stack[row] == rows.stack[it.row]
            and rows.size_class[row] == rows.size_class[it.row]
        ]
        return _Bucket(
            peak_blocks=sum(totals.peak_blocks[row] for row in like),
            peak_bytes=sum(totals.peak_bytes[row] for row in like),
        )


@dataclass(slots=True)
class _Bucket:
    """What a look says of one stack, size class and type, and what of that was at the peak."""

    peak_blocks: float
    peak_bytes: float
    blocks_then: float = 0.0  # at the look
    asked: int = 0
    distinct: int = 0
    once: int = 0
    twice: int = 0
    texts: int = 0
    held_bytes: int = 0
    needed_bytes: int = 0

    def add(self, it: Valued, asked_of_row: int) -> None:
        # Contents that two rows share count twice: at most as many are equal as that says.
        self.blocks_then += max(it.blocks * it.asked / asked_of_row, it.asked)
        self.asked += it.asked
        self.distinct += it.distinct
        self.once += it.once
        self.twice += it.twice
        self.texts += it.texts
        self.held_bytes += it.held_bytes
        self.needed_bytes += it.needed_bytes


def _equal(it: _Bucket) -> tuple[float, float, float, float, float]:
    """Blocks, bytes held, spare bytes at least and likely, and contents at most."""
    most = it.distinct - it.once + it.once / it.asked * it.blocks_then
    likely = min(it.distinct + _unseen(it.once, it.twice), most)
    # What came after the look may be new.
    seen = min(it.blocks_then / it.peak_blocks, 1.0) if it.peak_blocks else 0.0
    low = max(1 - most / it.blocks_then, 0.0) * seen
    share = max(1 - likely / it.blocks_then, low)
    return it.peak_blocks, it.peak_bytes, low * it.peak_bytes, share * it.peak_bytes, most


def _unseen(once: int, twice: int) -> float:
    """How many contents a sample has missed, at least: Chao's estimate."""
    return once * once / (2 * twice) if twice else once * max(once - 1, 0) / 2
