"""same_run.py HOW WORKLOAD ANSWER [CAPTURE]: writes what tracemalloc says of a workload.

HOW is "run" when this is already recorded from outside, and "record" to record it here. What is
allocated in this file, in memscope and in tracemalloc.py belongs to the measuring; the test leaves
it out, and with "run" also the files that had live blocks before the workload began.
"""

from __future__ import annotations

import gc
import os
import sys
from marshal import dumps
from os import _exit, write

from allocation_tracer import AllocationTracer

clear_caches = getattr(sys, "_clear_internal_caches", None) or sys._clear_type_cache
how, workload, answer, *rest = sys.argv[1:]
file = os.open(answer, os.O_WRONLY | os.O_CREAT)
files_before: list[str] = []
# Until the tracer was at work, blocks may have been moved to other lines than those that made them.
FROZEN = {f"<frozen {name}>" for name in ("importlib._bootstrap", "importlib._bootstrap_external")}
FROZEN |= {"<frozen zipimport>", "<frozen abc>"}
tracer = AllocationTracer()
tracer.start()


def work():
    from workloads import WORKLOADS

    kept = WORKLOADS[workload]()
    gc.collect()
    gc.disable()
    clear_caches()  # or looking up the next attribute might free the name of an earlier one
    return kept


if how == "record":
    import memscope

    with memscope.record(rest[0], objects=False):  # the oracle tells of requests
        tracer.forget()
        kept = work()
        lines = tracer.lines()
    tracer.stop()
else:
    gc.collect()
    files_before = sorted({name for name, _, _ in tracer.lines()} | FROZEN)
    tracer.forget()
    kept = work()
    lines = tracer.lines()

write(file, dumps((lines, files_before)))
if how == "run":
    _exit(0)  # what lives now, lives at the end
