"""A leak is one however long the interpreter takes to end, and whatever it waits for then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.console import call
from end_to_end.recorded import CAPTURE, run_source

import memscope

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
