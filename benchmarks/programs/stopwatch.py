"""Times the work part of a benchmark program and leaves the figures in a file.

Every program here ends with ``stopwatch.main(work)``. The interpreter, the profiler and the imports
have started by then: the figures are those of the work alone. They go to the file named by
``BENCH_RESULT`` as one JSON line; nothing is printed, because a profiler may own the terminal.

A profiler may do its work in a process that supervises this one. ``BENCH_RUNNER`` holds the process
id of the benchmark runner; any other parent is such a supervisor, and what it burns meanwhile is
reported beside our own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable


def _supervisor() -> int | None:
    """The process that runs this one, unless that is the benchmark runner itself."""
    runner, parent = os.environ.get("BENCH_RUNNER"), os.getppid()
    return None if runner is None or parent == int(runner) else parent


def _cpu_of_ns(pid: int | None) -> int:
    """CPU time of all threads of another process, by its clock: see clock_getcpuclockid(3)."""
    return 0 if pid is None else time.clock_gettime_ns((~pid << 3) | 2)


def _peak_bytes() -> int:
    """Our highest resident memory; ru_maxrss may be the parent's from before exec."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        peaks = (line.split()[1] for line in status if line.startswith("VmHWM:"))
        return int(next(peaks, "0")) * 1024


def main(work: Callable[[int], object]) -> None:
    """Runs ``work(scale)``, the scale being the first argument or 1, and reports what it took."""
    scale = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    supervisor = _supervisor()
    supervisor_cpu_ns = _cpu_of_ns(supervisor)
    cpu_ns, wall_ns = time.process_time_ns(), time.perf_counter_ns()
    work(scale)
    wall_ns, cpu_ns = time.perf_counter_ns() - wall_ns, time.process_time_ns() - cpu_ns
    supervisor_cpu_ns = _cpu_of_ns(supervisor) - supervisor_cpu_ns
    figures = {
        "scale": scale,
        "wall_s": wall_ns / 1e9,
        "cpu_s": cpu_ns / 1e9,
        "supervisor_cpu_s": supervisor_cpu_ns / 1e9,
        "peak_bytes": _peak_bytes(),
    }
    if target := os.environ.get("BENCH_RESULT"):
        with open(target, "w", encoding="utf-8") as out:
            out.write(json.dumps(figures) + "\n")
