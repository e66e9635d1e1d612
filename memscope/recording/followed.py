"""What has become of the children of a program that was recorded with them."""

from __future__ import annotations

from collections.abc import Mapping

from memscope.plain import dataclass, field

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Followed:
    """What has become of the forked children when the program is over.

    `captures` are finished; the processes `running` are still recorded; `refused` is how many were
    too many at once, or could not be recorded. `lost`: the background process has gone, and what it
    recorded last is not told. `executed` has, by its parent, each process that ran another program
    and was recorded.
    """

    captures: tuple[Path, ...] = ()
    running: tuple[int, ...] = ()
    refused: int = 0
    lost: bool = False
    executed: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
