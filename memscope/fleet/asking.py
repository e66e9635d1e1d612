"""What is asked of a fleet, and what an answer consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, get_args

from memscope.errors import MemscopeError
from memscope.fleet import sql
from memscope.fleet.engines import Engine
from memscope.plain import dataclass

Question = Literal["top", "grew", "regressions", "limits"]
QUESTIONS: tuple[Question, ...] = get_args(Question)
FleetBy = Literal["peak_bytes", "live_bytes", "live_blocks", "allocated_bytes", "allocations"]
FLEET_BYS: tuple[FleetBy, ...] = get_args(FleetBy)

Row = Mapping[str, Any]
_EVERYTHING = (1 << 31) - 1  # rows; Spark takes no larger number


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and of what it is asked; `old` and `new` are releases, "" the last two.

    `near` is the share of a limit that counts as near, in per cent.
    """

    question: Question
    by: FleetBy = "peak_bytes"
    limit: int = 20
    services: tuple[str, ...] = ()
    since: date | None = None
    own_only: bool = False
    old: str = ""
    new: str = ""
    near: int = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` are best first; `about` says of how many runs; `notes` what to keep in mind.

    `found_count` is how many rows there are beyond the limit; `tests` how many lines were tested.
    """

    asked: Asked
    engine: str
    about: Row
    rows: tuple[Row, ...]
    found_count: int
    notes: tuple[str, ...] = ()
    tests: int | None = None


_ABOUT = (
    "recorded", "partial", "without_version", "sampled", "services", "first_day", "last_day",
)  # fmt: skip


class Fleet:
    """A data set, narrowed to what is asked about."""

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self.engine = engine
        self.asked = asked
        more: tuple[str, ...] = ()
        if asked.question == "limits":
            more = sql.LIMIT_COLUMNS
        elif asked.question == "top":
            more = (asked.by,)
        engine.read_runs((*sql.RUN_COLUMNS, *more))
        known = [service for (service,) in engine.rows(sql.SERVICES)]
        for service in asked.services:
            if service not in known:
                there = ", ".join(known[:8])
                raise MemscopeError(f"no run is of the service {service}; there are {there}")
        chosen = asked.services or known
        engine.give("asked", {"service": str}, [(service,) for service in chosen])
        self.about = dict(zip(_ABOUT, self.rows(sql.COUNTS)[0], strict=True))

    def rows(self, text: str, **more: object) -> list[tuple[Any, ...]]:
        asked = self.asked
        return self.engine.rows(
            text.format(
                by=asked.by,
                since=asked.since.isoformat() if asked.since else "",
                own_only=str(asked.own_only).lower(),
                limit=asked.limit or _EVERYTHING,
                near=asked.near,
                **more,
            )
        )

    def read_rows(self, runs: str) -> None:
        """Of those runs alone that this SQL names."""
        self.engine.read_rows(self.rows(runs))

    def answer(
        self,
        rows: Sequence[Row],
        notes: Sequence[str] = (),
        found_count: int | None = None,
        tests: int | None = None,
    ) -> Answer:
        count = len(rows) if found_count is None else found_count
        told = (*notes, *self._notes())
        return Answer(self.asked, self.engine.name, self.about, tuple(rows), count, told, tests)

    def _notes(self) -> list[str]:
        found = []
        partial, sampled = self.about["partial"], self.about["sampled"]
        if partial:
            left_out = self.asked.question in ("grew", "regressions")
            what = "left out" if left_out else "their figures are not exact"
            found.append(f"{partial:,} of the runs are partial: {what}")
        if sampled:
            found.append(f"{sampled:,} of the runs were sampled: their figures are estimates")
        return found
