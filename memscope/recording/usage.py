"""What a process took itself: CPU time, page faults and resident memory without its children's.

The kernel adds a process's children to it as soon as it has waited for them; until somebody has
waited for the process itself, /proc/PID/stat still tells the two apart.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress

from memscope.plain import dataclass

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from typing import Literal, Protocol

    class Total(Protocol):
        """The parts of a struct_rusage that are looked at."""

        @property
        def ru_utime(self) -> float: ...
        @property
        def ru_stime(self) -> float: ...
        @property
        def ru_maxrss(self) -> int: ...
        @property
        def ru_minflt(self) -> int: ...
        @property
        def ru_majflt(self) -> int: ...


_TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class OwnShare:
    """What /proc says of a process; `waited` is whether it has waited for a child of its own.

    CPU time has the kernel's ticks of 10 ms, except `cpu_s` where the clock of the process can be
    read.
    """

    cpu_s: float
    system_s: float
    minor_faults: int
    major_faults: int
    waited: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process took itself until its end; `waited_cpu_s` is its children's CPU time.

    `peak_resident_from` says whether the peak of resident memory (0: not known) is the kernel's at
    the end, or what was seen at looks at the running process.
    """

    cpu_s: float
    system_s: float
    minor_faults: int
    major_faults: int
    peak_resident_bytes: int
    peak_resident_from: Literal["kernel", "looks"]
    waited: bool
    waited_cpu_s: float


def own_share(pid: int) -> OwnShare | None:
    """Of a process that runs, or has ended and was not waited for; None where it is not told."""
    try:
        stat = _stat_of(pid)
    except OSError:
        return None
    clock_s = None
    with suppress(OSError):
        # The clock that clock_getcpuclockid() gives, for which Python has no name: all threads'.
        clock_s = time.clock_gettime((~pid << 3) | 2)
    return share_told(stat, clock_s)


def parent_of(pid: int) -> int:
    """Of a process; 0 where it is not told."""
    with suppress(OSError, ValueError, IndexError):
        return int(_stat_of(pid).rpartition(b")")[2].split()[1])
    return 0


def _stat_of(pid: int) -> bytes:
    with open(f"/proc/{pid}/stat", "rb") as file:
        return file.read()


def share_told(stat: bytes, clock_s: float | None) -> OwnShare | None:
    """From the text of /proc/PID/stat, and the process's CPU clock if it could be read."""
    fields = stat.rpartition(b")")[2].split()
    try:
        minor, waited_minor, major, waited_major, user, system, *waited = map(int, fields[7:15])
    except ValueError:
        return None
    return OwnShare(
        cpu_s=(user + system) * _TICK_S if clock_s is None else clock_s,
        system_s=system * _TICK_S,
        minor_faults=minor,
        major_faults=major,
        waited=any((waited_minor, waited_major, *waited)),
    )


def usage_of(
    own: OwnShare | None,
    total: Total,
    seen_peak_bytes: int,
    starter_peak_bytes: int,
) -> Usage:
    """The process's own part of what the kernel counts for it and the children it waited for.

    `total`: as wait4 gives it. `seen_peak_bytes`: the highest at looks, 0 where there were none.
    `starter_peak_bytes`: of the process that started it, whose memory it shared until it ran a
    program of its own: the kernel keeps the higher of the two peaks.
    """
    total_cpu_s = total.ru_utime + total.ru_stime
    kernel_bytes = total.ru_maxrss * 1024
    waited = own is not None and own.waited
    of_kernel = not waited and kernel_bytes > starter_peak_bytes
    if own is None or not own.waited:
        cpu_s, system_s = total_cpu_s, total.ru_stime
        minor_faults, major_faults = total.ru_minflt, total.ru_majflt
    else:
        cpu_s = min(own.cpu_s, total_cpu_s)
        # Ticks are cut off: on average half of one is missing.
        system_s = min(own.system_s + _TICK_S / 2, total.ru_stime, cpu_s)
        minor_faults, major_faults = own.minor_faults, own.major_faults
    return Usage(
        cpu_s=cpu_s,
        system_s=system_s,
        minor_faults=minor_faults,
        major_faults=major_faults,
        peak_resident_bytes=kernel_bytes if of_kernel else seen_peak_bytes,
        peak_resident_from="kernel" if of_kernel else "looks",
        waited=waited,
        waited_cpu_s=total_cpu_s - cpu_s if waited else 0.0,
    )


def usage_as_looked(own: OwnShare | None, seen_peak_bytes: int, seen_cpu_s: float) -> Usage:
    """Of a process that is somebody else's child: only that one is told the kernel's sums."""
    return Usage(
        cpu_s=seen_cpu_s if own is None else max(own.cpu_s, seen_cpu_s),
        system_s=0.0 if own is None else own.system_s,
        minor_faults=0 if own is None else own.minor_faults,
        major_faults=0 if own is None else own.major_faults,
        peak_resident_bytes=seen_peak_bytes,
        peak_resident_from="looks",
        waited=own is not None and own.waited,
        waited_cpu_s=0.0,
    )
