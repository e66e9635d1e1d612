"""What every kind is given: the evidence of a capture, and the source of the program beside it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from memscope.advice.evidence.calibration import HostCosts
from memscope.advice.evidence.faults import Faults
from memscope.advice.evidence.history import History
from memscope.advice.evidence.lines import UserLine, UserLines
from memscope.advice.evidence.objects import Objects
from memscope.advice.evidence.peak import PeakModel
from memscope.advice.evidence.rows import RowSums
from memscope.advice.evidence.stacks import UserFrames
from memscope.advice.evidence.worth import Worths
from memscope.advice.model import Whole
from memscope.advice.program.source import SourceFile, SourceFiles
from memscope.advice.program.statements import Statement, is_self
from memscope.analysis.measures import Measures
from memscope.analysis.resident import Resident, resident_of
from memscope.capture import Capture
from memscope.capture.columns import gathered, heaviest
from memscope.capture.model import CodeFrame

Known = TypeVar("Known")


class Context:
    """A capture, the source that it names, and what is known of both."""

    def __init__(self, measures: Measures, costs: HostCosts, sources: SourceFiles) -> None:
        self.measures = measures
        self.costs = costs
        self.sources = sources
        self.rows = RowSums(measures.capture)
        self.objects = Objects(measures)
        self.stacks = UserFrames(measures)
        self._lines = UserLines(measures, self.rows)
        self.history = History(measures, self._lines)
        self.peak = PeakModel(measures, self._lines, self.history)
        self.worth = Worths(measures, self._lines)
        self._known: dict[object, Any] = {}

    @property
    def capture(self) -> Capture:
        return self.measures.capture

    @property
    def lines(self) -> tuple[UserLine, ...]:
        """All lines of user code that allocated, the one that allocated most bytes first."""
        return self._lines.all

    def heaviest_at_peak(self, line: UserLine) -> int:
        """The stack that holds most of a line at the peak."""
        at_peak = self.capture.totals.peak_bytes
        return self.once(
            ("heaviest at the peak", line.key),
            lambda: self.measures.row_stacks[
                line.rows[heaviest(gathered(at_peak, line.rows), 1)[0]]
            ],
        )

    def rows_of_line(self, key: int) -> Sequence[int]:
        """The rows of the line with this key."""
        return self._lines.rows_of(key)

    @cached_property
    def whole(self) -> Whole:
        ended = self.capture.exit
        known = ended is not None and ended.cpu_s > 0
        cpu_s = ended.cpu_s if ended is not None and known else self.capture.duration_ns / 1e9
        # The recorder may not have come to say it; what its rows had then is there.
        peak_bytes = self.capture.sums.total.peak_bytes or self.measures.whole("peak_bytes")
        return Whole(cpu_s, known, peak_bytes, self.resident.peak_bytes)

    @cached_property
    def resident(self) -> Resident:
        return resident_of(self.capture, self.history.over_time)

    @cached_property
    def faults(self) -> Faults:
        return Faults(self.capture, self.rows, self.resident, self.costs)

    @cached_property
    def own_sources(self) -> dict[str, SourceFile]:
        """The files of user code that allocated, by name, as far as their source is there."""
        files = dict.fromkeys(line.frame.file for line in self.lines)
        found = {file: self.sources.of(file) for file in files}
        return {file: source for file, source in found.items() if source is not None}

    @property
    def own_modules(self) -> list[ast.Module]:
        """Their syntax trees."""
        return [source.tree for source in self.own_sources.values()]

    def statement(self, frame: CodeFrame) -> Statement | None:
        """The statement that a frame was at; None where the source is not to be had."""
        return self.sources.statement(frame)

    def owners(self, statement: Statement | None) -> float:
        """How many objects there were in whose attribute a statement puts what it makes."""
        target = None if statement is None else statement.target
        owner = None if statement is None else statement.enclosing_class
        if owner is None or not isinstance(target, ast.Attribute) or not is_self(target.value):
            return 0.0
        return self.objects.instances.get(owner.name, 0.0)

    def asking(self, line: UserLine) -> CodeFrame:
        """The line that has objects made, out of what only makes and returns one of them.

        `return Node(left, right)` is each node's; the loop that asks for trees is what to change.
        """
        within: set[str] = set()
        for _, frame in self.stacks.own(line.node):
            statement = self.statement(frame)
            if statement is None:
                break
            if not isinstance(statement.node, ast.Return) and frame.function not in within:
                return frame
            within.add(frame.function)
        return line.frame

    def once(self, key: object, find_out: Callable[[], Known]) -> Known:
        """What `find_out` says, asked once for each key: several kinds want to know the same."""
        if key not in self._known:
            self._known[key] = find_out()
        known: Known = self._known[key]
        return known
