"""Run CPython's test runner while a thread of which `threading` does not know asks for snapshots.

    memscope run --snapshot with_snapshots.py SECONDS ARGUMENTS OF `python -m test`

The thread is there when nothing is recorded, too: what it disturbs by itself ends alike both ways.
"""

from __future__ import annotations

import _thread
import runpy
import sys
import time

import memscope
from memscope import _recorder

seconds = float(sys.argv[1])
counts = {"asked for": 0, "taken": 0}


def ask() -> None:
    recording = memscope.record()
    recorded = _recorder.is_recording()
    if recorded:
        recording.start()  # part of the one that is on
    while True:
        time.sleep(seconds)
        if recorded:
            counts["asked for"] += 1
            counts["taken"] += recording.snapshot()


_thread.start_new_thread(ask, ())
sys.argv[:] = ["test", *sys.argv[2:]]
try:
    runpy.run_module("test", run_name="__main__", alter_sys=True)
finally:
    sys.__stderr__.write(f"snapshots: {counts}\n")
