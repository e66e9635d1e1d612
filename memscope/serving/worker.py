"""worker.py KIND FORM OUTPUT AFTER [BEFORE]: makes a profile or a report, as a process.

FORM is pprof or one of FORMS; captures and output are descriptors that were inherited. What it
takes is gone with it, and whatever goes wrong with it is no trouble of the supervisor's.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from memscope.capture import Capture, load
from memscope.exports.heaptext import write_heap_text
from memscope.exports.pprof import Profile, write_profile
from memscope.exports.pprofdelta import HELD, write_delta
from memscope.reports.html.single import capture_page, live_data

NICE = 5
_DEFAULTS = {"heap": "inuse_space", "allocs": "alloc_space", "delta_heap": "alloc_space"}


def _write_report(capture: Capture, stream: TextIO) -> None:
    stream.write(capture_page(capture, source=False))


def _write_data(capture: Capture, stream: TextIO) -> None:
    stream.write(live_data(capture))


FORMS: dict[str, Callable[[Capture, TextIO], None]] = {
    "text": write_heap_text,
    "page": _write_report,
    "data": _write_data,
}


def main(words: list[str]) -> int:
    kind, form, output, *captures = words
    # Reading makes millions of small objects and no cycles to speak of.
    gc.disable()
    with suppress(OSError):
        os.nice(NICE)
    # Where memory is scarce this is the first to be killed, and not the supervisor.
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    with open(int(output), "wb", closefd=False) as stream:
        paths = [f"/proc/self/fd/{number}" for number in captures]
        with load(paths[0]) as after:
            if form != "pprof":
                with io.TextIOWrapper(stream, "utf-8", "backslashreplace") as lines:
                    FORMS[form](after, lines)
            elif len(paths) == 1:
                write_profile(Profile(after, _DEFAULTS[kind]), stream)
            else:
                with load(paths[1]) as before:
                    kept = HELD if kind == "delta_heap" else ()
                    write_delta(before, after, stream, _DEFAULTS[kind], kept=kept)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
