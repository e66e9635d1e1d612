"""What has become of the children of a program that was recorded with them."""

from __future__ import annotations

from collections.abc import Mapping

from memscope.plain import dataclass, field

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path

    from memscope.recording.memorylimits import MemoryLimit


@dataclass(frozen=True, slots=True)
class AtLimit:
    """A child that ended badly at a limit of its memory, and where its capture is.

    `status` is as waitpid gives it; `killed`: the kernel says that it has killed for the limit.
    `role` is what an executed one runs, empty of a forked one.
    """

    pid: int
    role: str
    path: Path
    status: int
    limit: MemoryLimit
    killed: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """What has become of the forked children when the program is over.

    `captures` are finished; the processes `running` are still recorded; `refused` is how many were
    too many at once, or could not be recorded. `lost`: the background process has gone, and what it
    recorded last is not told. `executed` has, by its parent, each process that ran another program
    and was recorded. `at_limits`: those that ended badly at a limit of their memory.
    """

    captures: tuple[Path, ...] = ()
    running: tuple[int, ...] = ()
    refused: int = 0
    lost: bool = False
    executed: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    at_limits: tuple[AtLimit, ...] = ()
