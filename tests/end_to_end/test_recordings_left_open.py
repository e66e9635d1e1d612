"""Recordings that a program begins and does not end, or ends without having begun."""

from __future__ import annotations

import pytest
from end_to_end.side_by_side import Bench

from memscope.capture import load

ENDINGS = ["", "raise SystemExit(0)", "del recording", "import gc; del recording; gc.collect()"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_recording_that_is_on_at_the_end_of_the_program_is_finished(
    bench: Bench, ending: str
) -> None:
    source = "import memscope, sys\nrecording = memscope.record(sys.argv[1])\nrecording.start()\n"
    source += "kept = [bytes(1000) for _ in range(1000)]\n" + ending
    ran = bench.native(str(bench.write("script.py", source)), str(bench.capture))
    assert (ran.status, ran.stderr) == (0, b"")
    capture = load(bench.capture)
    assert capture.end.complete
    assert sum(capture.totals.allocations) >= 1000


def test_ending_what_was_not_begun_leaves_the_recording_that_is_on(bench: Bench) -> None:
    source = "import memscope\nmemscope.record().stop()\n"
    bench.write("script.py", source + "kept = [bytes(1000) for _ in range(5000)]\n")
    assert bench.recorded("script.py").status == 0
    assert sum(load(bench.capture).totals.allocations) >= 5000
