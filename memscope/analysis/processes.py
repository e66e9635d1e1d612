"""Which processes of a program are in no capture: what its own figures cannot tell."""

from __future__ import annotations

from memscope.capture.description import ChildProcess, End, Exit, Processes
from memscope.plain import dataclass


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """The processes that were started while recording and have no capture.

    `forked` without a recording, `spawned` (they run another program), `refused` (forked, to be
    followed, too many at once; not among `forked`). `replaced_by` names the program that the
    recorded process executed in its own place. `unknown`: it waited for a child of which nothing
    else is known. `running` still ran when the recording ended.
    """

    forked: int = 0
    spawned: int = 0
    refused: int = 0
    replaced_by: str | None = None
    unknown: bool = False
    listed: tuple[ChildProcess, ...] = ()
    follows_executed: bool = False  # it was to record them

    @property
    def count(self) -> int:
        """How many at least; a program that replaced itself is one more."""
        replaced = self.replaced_by is not None
        return self.forked + self.spawned + self.refused + self.unknown + replaced

    @property
    def running(self) -> tuple[ChildProcess, ...]:
        return tuple(child for child in self.listed if child.running)


def unrecorded_processes(end: End | None, ended: Exit | None) -> Unrecorded:
    """From a capture's own account of its end; empty where it has none."""
    known = end.processes if end is not None else None
    processes = known or Processes()
    refused = ended.refused if ended is not None else 0
    started = processes.forked + processes.spawned
    executed = ended.executed if ended is not None else None
    return Unrecorded(
        forked=max(processes.forked - processes.followed, 0),
        spawned=max(processes.spawned - len(executed or ()), 0),
        refused=refused,
        replaced_by=None
        if ended is not None and ended.replacement_recorded
        else processes.replaced_by,
        # A child that was waited for has taken at least some page faults; then it was started.
        unknown=known is not None and ended is not None and ended.waited and started == 0,
        listed=tuple(
            child
            for child in processes.listed
            if not child.followed and child.pid not in (executed or ())
        ),
        follows_executed=executed is not None,
    )
