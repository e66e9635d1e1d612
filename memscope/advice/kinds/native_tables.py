"""What lines hold at the peak through libraries of tables, without what these only reserve.

Such a library may map a GiB of which it touches little: that is in every peak, and is no table.
"""

from __future__ import annotations

from collections.abc import Callable

from memscope.advice.context import Context
from memscope.advice.evidence.lines import UserLine
from memscope.advice.facts import Fact, measured
from memscope.advice.model import Advice, Findings, Interval
from memscope.advice.policy import HeldTables, Worth
from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import Statement
from memscope.capture.columns import flags, gathered, only_where, total
from memscope.capture.format import DOMAINS
from memscope.plain import dataclass

_IS_TABLE = flags(name != "mapped" for name in DOMAINS)  # by domain


@dataclass(frozen=True, slots=True)
class OwnTable:
    """A statement that makes a table, and what that takes."""

    line: UserLine
    statement: Statement
    source: SourceFile
    held_bytes: float


class TableMemory:
    """The peak of a capture, by line, without mappings."""

    def __init__(self, context: Context) -> None:
        self._context = context
        capture = context.capture
        at_peak = capture.totals.peak_bytes
        is_table = gathered(_IS_TABLE, capture.tables.rows.domain)
        self._held = only_where(at_peak, is_table)
        mapped = total(at_peak) - total(self._held)
        self.peak_bytes = max(context.whole.peak_bytes - mapped, 1.0)

    def held_bytes(self, line: UserLine) -> float:
        """What is live at the peak of the line, but for mappings."""
        return total(gathered(self._held, line.rows))

    def found(self, advice_of: Callable[[OwnTable], Advice | None]) -> Findings:
        """What is advised of lines of which the peak may be worth a change."""
        least = max(HeldTables.least_bytes, HeldTables.least_share * self.peak_bytes)
        return Findings.of(
            advice_of(table)
            for line in self._context.lines
            if self.held_bytes(line) >= least and (table := self._table(line)) is not None
        )

    def _table(self, line: UserLine) -> OwnTable | None:
        statement = self._context.statement(line.frame)
        source = self._context.sources.of(line.frame.file)
        if statement is None or source is None or not self._is_private(line, statement):
            return None
        return OwnTable(line, statement, source, self.held_bytes(line))

    def facts(self, table: OwnTable, held: str) -> tuple[Fact, Fact]:
        """What the table takes, told in these words, and its share of the peak."""
        share = table.held_bytes / self.peak_bytes
        return (
            measured("held_bytes", held, table.held_bytes, "bytes", least=HeldTables.least_bytes),
            measured("held_share", "of the peak", share, "share", least=HeldTables.least_share),
        )

    def held_between(self, file: str, first: int, last: int | None) -> float:
        """What is live at the peak of the lines of one statement."""
        return sum(
            self.held_bytes(line)
            for line in self._context.lines
            if line.frame.file == file and first <= line.frame.line <= (last or first)
        )

    def _is_private(self, line: UserLine, statement: Statement) -> bool:
        """Whether only this scope can read its names: a function's, or the main program's."""
        if statement.function is not None:
            return True
        return len(self._context.stacks.own_at_peak(line)) == 1

    def pays(self, saving: Interval) -> bool:
        """Whether it is worth a change, of what was not only reserved."""
        least = max(Worth.least_peak_bytes, Worth.least_peak_share * self.peak_bytes)
        return saving.low >= least
