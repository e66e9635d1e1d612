"""Arenas, copies and collections of real programs, judged by what the interpreter counts itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import memscope
from memscope.analysis.cohorts import find_cohorts
from memscope.analysis.fragmentation import find_fragmentation
from memscope.analysis.gcpressure import find_gc_pressure
from memscope.analysis.growth import find_growth
from memscope.analysis.measures import Measures
from memscope.capture.format import size_range

ROOT = Path(memscope.__file__).parent.parent
BLOCKS, STEP = 50_000, 500  # 22 arenas, and a survivor each 200 KB
LEAST_ARENAS = 20  # that only the survivors hold: some may lie in older ones
LEAST_SURVIVORS = BLOCKS // STEP * 9 // 10
CLASS_BYTES = 448  # of bytes(400)
OLD_ARENAS_ARE_KNOWN = sys.version_info >= (3, 12)


@dataclass(frozen=True)
class Arenas:
    """What sys._debugmallocstats() says."""

    current: int
    total: int
    returned: int
    survivors: int  # blocks in use in the class of the survivors


@dataclass(frozen=True)
class Ran:
    measures: Measures
    told: dict[str, Any]
    before: Arenas
    after: Arenas
    dropped: Arenas


def arenas_of(text: str) -> Arenas:
    def number(name: str) -> int:
        found = re.search(rf"# {name} +=\s+([\d,]+)", text)
        assert found is not None, text
        return int(found[1].replace(",", ""))

    row = re.search(rf"^ *\d+ +{CLASS_BYTES} +\d+ +(\d+)", text, re.MULTILINE)
    return Arenas(
        number("arenas allocated current"),
        number("arenas allocated total"),
        number("arenas reclaimed"),
        int(row[1]) if row else 0,
    )


def run(path: str, output: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONMALLOC"}
    return subprocess.run(
        [sys.executable, path, str(output), str(BLOCKS), str(STEP)],
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    output = tmp_path_factory.mktemp("heap") / "heap.mscope"
    done = run(str(Path(__file__).parent / "programs" / "heap.py"), output)
    _, before, after, dropped = re.split(r"^== \w+$", done.stderr, flags=re.MULTILINE)
    return Ran(
        Measures(memscope.load(output)),
        json.loads(done.stdout),
        *(arenas_of(text) for text in (before, after, dropped)),
    )


def test_arenas_made_and_returned_are_those_of_the_interpreter(ran: Ran) -> None:
    found = find_fragmentation(ran.measures)
    assert found.arenas_made == ran.after.total - ran.before.total
    assert found.arenas_returned == ran.after.returned - ran.before.returned
    moment = found.moments[-1]
    assert moment.survey.moment == "end"
    if OLD_ARENAS_ARE_KNOWN:
        assert len(moment.arenas) == ran.after.current
        assert moment.elsewhere_blocks == 0
    else:
        assert ran.after.current - ran.before.current <= len(moment.arenas) <= ran.after.current
    assert len(moment.arenas) >= LEAST_ARENAS
    assert all(arena.size_bytes == 1 << 20 for arena in moment.arenas)


def test_blocks_in_arenas_are_those_that_the_interpreter_counts(ran: Ran) -> None:
    survey = find_fragmentation(ran.measures).moments[-1].survey
    assert survey.counted
    held = sum(
        blocks
        for size_class, blocks in zip(survey.size_class, survey.blocks, strict=True)
        if size_class * 16 == CLASS_BYTES
    )
    assert held >= LEAST_SURVIVORS
    if OLD_ARENAS_ARE_KNOWN:
        assert held == ran.after.survivors


def test_without_the_survivors_the_predicted_arenas_are_returned(ran: Ran) -> None:
    moment = find_fragmentation(ran.measures).moments[-1]
    (site,) = [item for item in moment.sites if item.site.function.startswith("fill")]
    assert site.blocks >= LEAST_SURVIVORS
    returned = ran.dropped.returned - ran.after.returned
    assert returned >= 10, "the experiment has arenas to return"
    # What came after the recording lies in one or two of them.
    assert 0 <= site.arenas_alone - returned <= 2


def test_the_low_after_the_peak_was_seen(ran: Ran) -> None:
    moments = find_fragmentation(ran.measures).moments
    assert [moment.survey.moment for moment in moments] == ["low", "end"]
    low = moments[0]
    assert len(low.arenas) >= LEAST_ARENAS
    held = sum(arena.recorded_bytes for arena in low.arenas)
    assert held >= LEAST_SURVIVORS * CLASS_BYTES * 0.9
    assert held * 2 <= ran.measures.capture.sums.total.peak_bytes
    assert not low.counted


def test_copies_are_counted_to_the_byte(ran: Ran) -> None:
    rows = find_growth(ran.measures).rows
    constant = next(row for row in rows if row.steps == "constant" and row.site.function == "grow")
    assert constant.links == ran.told["links"] >= 300
    assert constant.longest_chain == ran.told["links"]
    assert constant.copied_bytes == ran.told["copied_bytes"]


def test_a_growing_dict_is_told_from_a_growing_text(ran: Ran) -> None:
    rows = find_growth(ran.measures).rows
    (ratio,) = [row for row in rows if row.steps == "ratio"]
    assert ratio.site.function == "grow"
    assert ratio.steep_links == ratio.links
    assert 8 <= ratio.links <= 20


def test_collections_are_those_of_the_interpreter(ran: Ran) -> None:
    found = find_gc_pressure(ran.measures)
    counted = [[part.collections, part.collected, part.uncollectable] for part in found.generations]
    assert counted == ran.told["gc"]
    assert found.collected is not None
    assert found.collected >= 300
    assert found.enabled is False


@pytest.mark.parametrize("allocator", ["malloc", "pymalloc_debug"])
def test_other_allocators(program: Callable[[str], str], tmp_path: Path, allocator: str) -> None:
    output = tmp_path / "heap.mscope"
    run(program("heap.py"), output, PYTHONMALLOC=allocator)
    measures = Measures(memscope.load(output))
    found = find_fragmentation(measures)
    assert found.pymalloc == (allocator != "malloc")
    assert found.recorded == (allocator != "malloc")
    if found.recorded:
        moment = found.moments[-1]
        (site,) = [item for item in moment.sites if item.site.function.startswith("fill")]
        assert site.blocks >= LEAST_SURVIVORS
    assert find_growth(measures).links > 0


def test_a_killed_program_has_its_arenas_but_not_what_is_unrecorded(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(
        "import os\nkept = [bytes(400) for _ in range(20000)]\nos.kill(os.getpid(), 9)\n"
    )
    output = tmp_path / "killed.mscope"
    command = [sys.executable, "-m", "memscope", "run", "-q", "-o", str(output), str(script)]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    moment = find_fragmentation(Measures(memscope.load(output))).moments[-1]
    assert not moment.counted
    (site,) = [item for item in moment.sites if item.site.line == 2]
    assert site.arenas_alone >= 5


ROUNDS = """\
import json, sys, time
import memscope
kept, told = [], []
with memscope.record(sys.argv[1]):
    after_start = time.monotonic_ns()
    for count in (1000, 2000, 3000):
        kept.append([bytes(700) for _ in range(count)])
        told.append([time.monotonic_ns() - after_start, count])
        passing = [bytes(700) for _ in range(5000)]
        time.sleep(0.1)
    del passing
print(json.dumps(told))
"""


def test_survivors_are_told_to_the_time_of_their_birth(tmp_path: Path) -> None:
    script, output = tmp_path / "rounds.py", tmp_path / "rounds.mscope"
    script.write_text(ROUNDS)
    rounds = json.loads(run(str(script), output).stdout)
    capture = memscope.load(output)
    cohorts = capture.cohorts
    assert cohorts is not None
    assert sum(cohorts.blocks) == capture.sums.total.live_blocks
    assert sum(cohorts.size_bytes) == capture.sums.total.live_bytes
    assert find_cohorts(Measures(capture)).unplaced_blocks == 0
    rows = capture.tables.rows
    born: list[tuple[int, int]] = []
    for row, until, blocks in zip(cohorts.row, cohorts.until_ns, cohorts.blocks, strict=True):
        low, high = size_range(rows.size_class[row - 1])
        if low <= 733 <= high:
            born.append((until, int(blocks)))
    assert sum(blocks for _, blocks in born) == 6000
    assert len(rounds) == 3
    # The recording began a little before the program's own clock: windows that had ended by then
    # hold no more than was there by then.
    so_far = 0
    for time_ns, count in rounds:
        assert sum(blocks for until, blocks in born if until < time_ns) <= so_far + count
        so_far += count
    assert so_far == 6000
    assert len({until for until, _ in born}) > 1
