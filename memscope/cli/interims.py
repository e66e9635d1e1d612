"""The options of `memscope run` that write captures of the run so far."""

from __future__ import annotations

from collections.abc import Iterable

from memscope.cli.saying import say

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from memscope.recording.pressure import Pressure
    from memscope.recording.watched import Watcher


def interim_captures(
    every_s: float | None, keep: int, limit_bytes: int | None, *, snapshots: bool
) -> tuple[Pressure, list[Watcher]]:
    """Who writes captures while the program runs: near its memory limit; and these with all others.

    With `snapshots`, those near the limit have the objects of then. The others write when they are
    asked to, and each so and so long.
    """
    from memscope.recording.asked import Control
    from memscope.recording.interims import Every
    from memscope.recording.pressure import Pressure

    control = Control()
    pressure = Pressure(limit_bytes, control.tell, snapshots=snapshots)
    every: list[Watcher] = [] if every_s is None else [Every(every_s, keep)]
    # What stops first tells the others nothing any more.
    return pressure, [pressure, control, *every]


def say_problems(watchers: Iterable[Watcher]) -> None:
    """What went wrong while nothing could be said."""
    for watcher in watchers:
        problem = getattr(watcher, "problem", "")
        if problem:
            say(problem)
