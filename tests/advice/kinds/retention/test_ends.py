"""A leak is one however long the interpreter takes to end, and whatever it waits for then."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cli.console import call
from end_to_end.recorded import CAPTURE, run_source

import memscope
from memscope.advice.advise import advise
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.analysis.measures import Measures

LEAKING = (Path(__file__).parents[2] / "programs" / "cycles_left.py").read_text()


def test_a_slow_end_makes_no_load_of_a_leak(tmp_path: Path) -> None:
    waits = "import atexit, time\natexit.register(time.sleep, 3)\n"
    run_source(tmp_path, waits + LEAKING, "-q")
    document = json.loads(call("advise", "--json", tmp_path / CAPTURE).stdout)
    assert [item["kind"] for item in document["advice"]] == ["leak"]


@pytest.mark.parametrize("end", ["", "1 / 0"])
def test_the_end_of_the_main_program_is_told(tmp_path: Path, end: str) -> None:
    source = f"import atexit, time\natexit.register(time.sleep, 0.5)\ntime.sleep(0.2)\n{end}"
    run_source(tmp_path, source, "-q", check=False)
    with memscope.load(tmp_path / CAPTURE) as capture:
        assert capture.end is not None
        assert 200_000_000 <= capture.end.main_ended_ns <= capture.duration_ns - 500_000_000


def test_it_is_not_where_the_interpreter_ends_at_once(tmp_path: Path) -> None:
    run_source(tmp_path, "import sys; sys.exit(0)", "-q")
    with memscope.load(tmp_path / CAPTURE) as capture:
        assert capture.end is not None
        assert capture.end.main_ended_ns == 0


SERVICE = """
import time
cache = []

def handle(number):
    texts = [str(at) for at in range(50)]
    cache.append(bytes(40_000))  # the line
    return len(texts)

for number in range(120):
    handle(number)
    time.sleep(0.002)
time.sleep(1.5)
"""


def test_a_service_that_idles_at_its_end_is_not_called_well(tmp_path: Path) -> None:
    """Its growth took many times what it took of the processors: no loading does."""
    run_source(tmp_path, SERVICE, "-q")
    line = 1 + next(at for at, text in enumerate(SERVICE.splitlines()) if "# the line" in text)
    with memscope.load(tmp_path / CAPTURE) as capture:
        assert capture.exit is not None
        capture.exit = replace(capture.exit, cpu_s=0.005)  # so that it need not run for long
        found = advise(Measures(capture), DEFAULT_COSTS)
    assert [item.site.line for item in found.growing] == [line]
    whys = [item.reason for item in found.rejected if item.site and item.site.line == line]
    told = "it grew as long as the program was at work, which then waited: loaded data, or a leak"
    assert whys == [told]
