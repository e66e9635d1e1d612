"""How a program is to be recorded, and what is made of that before it starts."""

from __future__ import annotations

from collections.abc import Mapping

from memscope.plain import dataclass, field
from memscope.recording.sampling import ppm_of
from memscope.recording.target import Target

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from memscope.capture.description import Project

SNAPSHOT_BUDGET = 0.02  # share of the run's time for snapshots at peaks


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to record; sample_bytes 0 is exact."""

    output: Path | None = None
    force: bool = False
    sample_bytes: int = 0
    budget: float = 0.0  # share of the program's CPU time; only above it is sampled; 0: none
    events: bool = False
    imports: bool = True
    objects: bool = True
    snapshot: bool = False
    snapshot_values: bool = False
    snapshot_budget: float = SNAPSHOT_BUDGET
    native: bool = False
    native_min_bytes: int = 0  # smaller native requests are only counted
    follow_fork: bool = False
    follow_exec: bool = False  # and what is forked, too
    user_code: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    project: Project | None = None

    @property
    def snapshot_budget_ppm(self) -> int:
        return ppm_of(self.snapshot_budget) if self.snapshot else 0

    @property
    def budget_ppm(self) -> int:
        return ppm_of(self.budget)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A target that was looked at, and all that was looked up of it; see `preparing`.

    `meta` says in the capture's words what is recorded, as long as there is no process. `starters`
    is the file that has the functions which start processes, or empty. `value` is the target's, as
    the interpreter takes it.
    """

    target: Target
    options: RunOptions
    output: str | None
    meta: bytes
    starters: str
    value: str


# What the supervisor itself needs of the options: the others are said in `meta`.
_TOLD = (
    "force",
    "sample_bytes",
    "budget",
    "events",
    "imports",
    "objects",
    "snapshot",
    "snapshot_values",
    "snapshot_budget",
    "native",
    "native_min_bytes",
)


def as_plain(prepared: Prepared) -> tuple[Any, ...]:
    """As `marshal` takes it. No child is to be recorded with it."""
    target, options = prepared.target, prepared.options
    told = {name: getattr(options, name) for name in _TOLD}
    aimed = (target.kind, target.value, target.args)
    return aimed, told, prepared.output, prepared.meta, prepared.starters, prepared.value


def of_plain(told: tuple[Any, ...]) -> Prepared:
    """What `as_plain` was given, but for what `meta` says alone."""
    aimed, options, *more = told
    return Prepared(Target(*aimed), RunOptions(**options), *more)
