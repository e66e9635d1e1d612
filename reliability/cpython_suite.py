"""Run modules of CPython's own test suite alone and recorded, and name what ends differently.

    python reliability/cpython_suite.py                  # the modules below, about half an hour
    python reliability/cpython_suite.py test_gc test_frame
    python reliability/cpython_suite.py --snapshots 0.05 test_gc test_weakref test_threading

The interpreter must carry its `test` package. What differs is run again on its own, both ways: a
test that is unsteady by itself is told apart from one that memscope disturbs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from outcomes import Run, outcomes_of, report_on

MODULES = (
    # memory and the collector
    *("test_gc", "test_weakref", "test_finalization", "test_tracemalloc", "test_memoryview"),
    *("test_bytes", "test_list", "test_dict", "test_code", "test_memoryio"),
    # threads, forks, signals, processes
    *("test_threading", "test_thread", "test_threading_local", "test_threadsignals"),
    *("test_fork1", "test_signal", "test_subprocess", "test_faulthandler"),
    *("test_multiprocessing_main_handling", "test_concurrent_futures"),
    # frames, generators, coroutines, tracing
    *("test_frame", "test_generators", "test_coroutines", "test_asyncgen", "test_asyncio"),
    *("test_sys", "test_sys_settrace", "test_sys_setprofile", "test_trace", "test_traceback"),
    *("test_exceptions", "test_context", "test_contextlib", "test_super", "test_iter"),
    # imports, running, ending
    *("test_import", "test_importlib", "test_runpy", "test_atexit", "test_cmd_line_script"),
    *("test_embed", "test_capi", "test_pdb", "test_inspect"),
)


WITH_SNAPSHOTS = Path(__file__).with_name("with_snapshots.py")


def run(
    module: str, recorded: bool, only: list[str], seconds: int, snapshots: float | None = None
) -> Run:
    """snapshots: one is asked for each time so many seconds have passed."""
    with tempfile.TemporaryDirectory(prefix="suite-") as place:
        report = Path(place, "report.xml")
        command = [sys.executable]
        if recorded:
            command += ["-m", "memscope", "run", "-q", "-o", f"{place}/suite.mscope"]
        if recorded and snapshots is not None:
            command.append("--snapshot")
        runner = ["-m", "test"] if snapshots is None else [str(WITH_SNAPSHOTS), str(snapshots)]
        command += [*runner, "--junit-xml", str(report), "-u", "all,-largefile,-gui,-network"]
        command += ["--timeout", str(seconds), *(f"-m={name}" for name in only), module]
        environment = {**os.environ, "TMPDIR": place}
        try:
            done = subprocess.run(
                command,
                cwd=place,
                env=environment,
                capture_output=True,
                timeout=2 * seconds,
                check=False,
            )
            status = done.returncode
            lines = done.stderr.decode(errors="replace").splitlines()
            told = tuple(line for line in lines if recorded and line.startswith("snapshots: "))
        except subprocess.TimeoutExpired:
            status, told = -1, ()
        return Run(status, outcomes_of(report), told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("--snapshots", type=float, metavar="SECONDS", help="one each, if recorded")
    parser.add_argument("--seconds", type=int, default=900, help="limit for a module")
    options = parser.parse_args()
    tests = disturbed = 0
    for module in options.modules:

        def again(recorded: bool, only: list[str], module: str = module) -> Run:
            return run(module, recorded, only, options.seconds, options.snapshots)

        counted, sure = report_on(module, again)
        tests, disturbed = tests + counted, disturbed + sure
    print(f"{tests} tests, {disturbed} steadily different")
    return disturbed != 0


if __name__ == "__main__":
    sys.exit(main())
