"""Every format comes to the totals that `memscope summary` shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from capture.writer import CaptureWriter
from cli.console import call
from exports.conftest import Export
from exports.openers import OPENERS
from golden.make import GOLDEN, MAIN, RUN, WORK, make

from memscope.exports.registry import BUILT_IN

# What there must be of each, so that an opener that finds nothing is noticed.
LEAST = {"collapsed": 1, "svg": 1, "chrome": 2, "pstats": 2}

PROGRAM = """
import json, threading
kept = []
def work(n):
    text = json.dumps([{"n": i, "text": "x" * i} for i in range(n)])
    kept.append(json.loads(text)[::7])
    buffer = bytearray()
    for i in range(n):
        buffer += b"x" * i
threads = [threading.Thread(target=work, args=(n,), name=f"worker {n}") for n in (50, 100)]
for thread in threads: thread.start()
for thread in threads: thread.join()
work(200)
"""


def totals(capture: Path) -> dict[str, Any]:
    done = call("summary", capture, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["totals"]
    return found


def assert_equal_totals(name: str, written: Path, capture: Path) -> None:
    found, expected = OPENERS[name](written), totals(capture)
    assert len(found) >= LEAST.get(name, 6)
    assert found == {figure: expected[figure] for figure in found}


def test_the_golden_capture_is_what_its_script_makes() -> None:
    assert GOLDEN.read_bytes() == make().build()


def test_there_is_an_opener_for_each_format() -> None:
    assert set(OPENERS) == set(BUILT_IN)


@pytest.mark.parametrize("name", BUILT_IN)
def test_golden(export: Export, name: str) -> None:
    assert_equal_totals(name, export(name), GOLDEN)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_same_capture_gives_the_same_bytes(export: Export, name: str) -> None:
    first = export(name).read_bytes()
    assert first == export(name).read_bytes()


def sampled(tmp_path: Path) -> Path:
    """Many small estimates: rounded one by one they would miss their sum by hundreds."""
    made = CaptureWriter(mode="sampled", sample_bytes=65_536)
    for number in range(1, 800):
        part = made.site([MAIN, RUN, ("f", "/home/zoë/app/f.py", number)], size=40, count=2)
        part.allocations = part.peak_blocks = 256 + 110
        part.allocated_bytes = part.peak_bytes = 40 * 256 + 117
    made.site([WORK], size=8192, count=3, live=0, peak=3)
    live = sum(site.allocated_bytes - site.released_bytes for site in made.sites)
    made.sample(2_000_000_000, (0, 0, live))
    path = tmp_path / "sampled.mscope"
    path.write_bytes(made.build())
    return path


@pytest.mark.parametrize("name", BUILT_IN)
def test_sampled(export: Export, tmp_path: Path, name: str) -> None:
    capture = sampled(tmp_path)
    assert_equal_totals(name, export(name, capture), capture)


@pytest.fixture(scope="module", params=["0", "500"])
def recorded(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A real recording, exact and sampled."""
    capture = tmp_path_factory.mktemp("recorded") / "program.mscope"
    words = "run", "-q", "--sample", request.param, "-o", capture, "-c", PROGRAM
    done = call(*words, cwd=capture.parent)  # not where memscope's sources are, unbuilt
    assert done.returncode == 0, done.stderr
    return capture


@pytest.mark.parametrize("name", BUILT_IN)
def test_recorded(export: Export, recorded: Path, name: str) -> None:
    assert_equal_totals(name, export(name, recorded), recorded)
