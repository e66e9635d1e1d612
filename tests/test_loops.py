"""Loops that keep more each time fail, and name who keeps it; those that settle do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOOP = """\
import memscope

class Session:
    def __init__(self, number):
        self.token = "session %d" % number

class Service:
    def __init__(self):
        self.sessions = {}
        self.last = None

service = Service()

def opens():
    for _ in range(20):
        number = len(service.sessions)
        service.sessions[number] = Session(number)

def settles():
    service.last = [Session(n) for n in range(500)]
    garbage = [None]
    garbage.append(garbage)

"""


def run(directory: Path, source: str, *words: str) -> subprocess.CompletedProcess[str]:
    (directory / "program.py").write_text(LOOP + source)
    return subprocess.run(
        [sys.executable, *words, "program.py"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_grows_is_named_with_its_holder(tmp_path: Path) -> None:
    done = run(tmp_path, "memscope.assert_no_growth(opens, runs=20)")
    assert done.returncode == 1
    told = done.stderr[done.stderr.index("AssertionError: memscope:") :]
    assert "1 holder kept more with each of 40 runs" in told
    assert "__main__.service.sessions" in told
    assert "__main__.Session +" in told
    assert "program.py:17  opens" in told
    assert [path.name for path in tmp_path.iterdir()] == ["program.py"]


def test_what_settles_or_is_below_the_limit_passes(tmp_path: Path) -> None:
    calls = "memscope.assert_no_growth(settles)\nmemscope.assert_no_growth(opens, most='1 MB')\n"
    done = run(tmp_path, calls + "print('passed')")
    assert (done.stdout, done.stderr) == ("passed\n", "")


def test_what_the_function_raises_is_passed_on(tmp_path: Path) -> None:
    source = """
def fails():
    raise KeyError("its own")
memscope.assert_no_growth(fails)
"""
    assert run(tmp_path, source).stderr.endswith("KeyError: 'its own'\n")


@pytest.mark.slow
def test_while_others_record_it_is_refused_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "memscope.assert_no_growth(settles)", "-m", "memscope", "run", "-q")
    assert "growth cannot be told while this process is recorded already" in done.stderr
