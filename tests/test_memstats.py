"""What `memscope.memstats()` says of this process, held against what was done to it."""

from __future__ import annotations

import gc
import json
import mmap
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import memscope
from memscope.process_memory import Arenas

ROOT = Path(memscope.__file__).parent.parent
MIB = 1 << 20


def in_a_process_of_its_own(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def until(found: Callable[[], bool]) -> None:
    """Wait for what the drain's next poll will show."""
    patience = time.monotonic() + 120
    while not found():
        assert time.monotonic() < patience, memscope.memstats()
        time.sleep(0.005)


def test_resident_memory_follows_what_is_touched_and_the_peak_stays() -> None:
    before = memscope.memstats()
    with mmap.mmap(-1, 64 * MIB) as memory:
        memory.write(b"\1" * (64 * MIB))
        during = memscope.memstats()
    after = memscope.memstats()
    # 64 MiB in the map and 64 MiB in the bytes object, which is gone by the time of asking.
    assert during.resident_bytes - before.resident_bytes > 60 * MIB
    assert during.peak_resident_bytes - before.resident_bytes > 120 * MIB
    assert after.resident_bytes < during.resident_bytes - 60 * MIB
    assert after.peak_resident_bytes >= during.peak_resident_bytes


def test_blocks_are_those_in_use() -> None:
    gc.collect()  # other tests' garbage, which 50,000 objects would have collected
    before = memscope.memstats().blocks
    kept = [object() for _ in range(50_000)]
    assert 50_000 <= memscope.memstats().blocks - before < 51_000
    del kept
    assert abs(memscope.memstats().blocks - before) < 1_000


def test_arenas_follow_small_blocks() -> None:
    """In a process of its own: where another test left whole arenas free, none is reclaimed."""
    done = in_a_process_of_its_own(
        "import dataclasses, json, memscope\n"
        "told = [memscope.memstats().arenas]\n"
        "kept = [bytes(400) for _ in range(50_000)]\n"  # 448 bytes each
        "told.append(memscope.memstats().arenas)\n"
        "del kept\n"
        "told.append(memscope.memstats().arenas)\n"
        "print(json.dumps([dataclasses.asdict(arenas) for arenas in told]))"
    )
    before, during, after = (Arenas(**figures) for figures in json.loads(done.stdout))
    assert 50_000 * 448 <= during.blocks_bytes - before.blocks_bytes < 50_000 * 450
    assert during.allocated_bytes == during.allocated_count * MIB
    assert during.allocated_count >= during.blocks_bytes / MIB
    assert after.highwater_count >= during.allocated_count
    assert after.allocated_count - before.allocated_count < 5
    assert after.reclaimed_count > before.reclaimed_count


def test_arenas_are_as_the_interpreter_itself_prints_them() -> None:
    done = in_a_process_of_its_own(
        "import sys, memscope\n"
        "memscope.memstats()\n"  # imports what it needs
        "print(memscope.memstats().arenas, end='', file=sys.stdout)\n"
        "sys._debugmallocstats()\n"
    )
    printed = dict(re.findall(r"^# arenas ([a-z ]+?) += +([\d,]+)$", done.stderr, re.MULTILINE))
    assert f"allocated_count={printed['allocated current']}," in done.stdout
    assert f"highwater_count={printed['highwater mark']}," in done.stdout
    assert f"reclaimed_count={printed['reclaimed']}," in done.stdout


def test_nothing_is_printed() -> None:
    done = in_a_process_of_its_own("import memscope; memscope.memstats()")
    assert done.stdout == done.stderr == ""


def test_without_pymalloc_there_is_nothing_to_say_of_it() -> None:
    done = in_a_process_of_its_own(
        "import memscope; stats = memscope.memstats(); print(stats.arenas, stats.blocks)",
        PYTHONMALLOC="malloc",
    )
    assert done.stdout == "None 0\n"


def test_collections_are_counted_by_generation() -> None:
    gc.collect()
    before = memscope.memstats().generations
    for _ in range(100):
        circle: list[object] = []
        circle.append(circle)
    del circle
    gc.collect()
    after = memscope.memstats().generations
    assert after[2].collections - before[2].collections == 1
    collected = sum(new.collected - old.collected for new, old in zip(after, before, strict=True))
    assert collected == 100
    assert tuple(generation.threshold for generation in after) == gc.get_threshold()


def test_frozen_objects_are_counted() -> None:
    before = memscope.memstats().frozen_objects
    gc.freeze()
    try:
        assert memscope.memstats().frozen_objects > before + 1_000
    finally:
        gc.unfreeze()


def test_it_needs_neither_the_extension_nor_a_recording() -> None:
    done = in_a_process_of_its_own(
        "import sys\n"
        "sys.modules['memscope._recorder'] = None\n"  # importing it fails
        "import memscope\n"
        "print(memscope.memstats().recording, memscope.MemStats.__name__)\n"
        "print(memscope.memstats().resident_bytes > 1 << 20)\n"
    )
    assert done.stdout == "None MemStats\nTrue\n"


def test_a_recording_tells_what_it_has_seen(tmp_path: Path) -> None:
    assert memscope.memstats().recording is None
    with memscope.record(tmp_path / "exact.mscope"):
        kept = [bytes(1000) for _ in range(10_000)]
        until(lambda: memscope.memstats().recording.live_blocks >= 10_000)  # type: ignore[union-attr]
        during = memscope.memstats().recording
        del kept
        # Not at the first that are gone: the drain may be looked at in the midst of them.
        until(lambda: memscope.memstats().recording.live_bytes < 1_500_000)  # type: ignore[union-attr]
        after = memscope.memstats().recording
    assert memscope.memstats().recording is None
    assert during is not None
    assert after is not None
    assert not during.sampled
    assert 10_000 * 1033 <= during.live_bytes < 10_000 * 1133
    assert after.frees - during.frees >= 8_000
    assert after.peak_bytes >= during.live_bytes
    assert after.allocated_bytes >= during.allocated_bytes >= 10_000 * 1033


def test_a_sampled_recording_tells_estimates_in_bytes(tmp_path: Path) -> None:
    with memscope.record(tmp_path / "sampled.mscope", sample_bytes=1 << 20):
        kept = bytearray(32 * MIB)  # exact, from 4 KiB on
        until(lambda: memscope.memstats().recording.live_bytes >= 32 * MIB)  # type: ignore[union-attr]
        recording = memscope.memstats().recording
        del kept
    assert recording is not None
    assert recording.sampled
    assert recording.live_bytes < 64 * MIB


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_is_not_recorded(tmp_path: Path) -> None:
    with memscope.record(tmp_path / "parent.mscope"):
        child = os.fork()
        if child == 0:
            os._exit(0 if memscope.memstats().recording is None else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def test_the_function_is_not_hidden_by_its_module() -> None:
    done = in_a_process_of_its_own(
        "import memscope\nmemscope.MemStats\nprint(callable(memscope.memstats))"
    )
    assert done.stdout == "True\n"


@pytest.mark.parametrize("name", ["MemStats", "memstats"])
def test_it_is_public(name: str) -> None:
    assert name in memscope.__all__


KEEPS = """
import gc, sys, memscope

def keep():
    return [bytes(400) for _ in range(50_000)]

def now():
    return memscope.memstats().arenas

def main():
    now()
    gc.collect()
    before = now()
    kept = keep()
    during = now()
    print(50_000 * 448 <= during.blocks_bytes - before.blocks_bytes < 50_000 * 450, end=" ")
    blocks = memscope.memstats().blocks
    print(during.allocated_bytes == during.allocated_count << 20, blocks > 50_000)
"""
ARENAS_ARE_TOLD = {
    "in a block": "with memscope.record('a.mscope'):\n    main()",
    "sampled": "with memscope.record('a.mscope', sample_bytes=65536):\n    main()",
    "in a decorated function": "memscope.record('a.mscope')(main)()",
    "after a recording": "with memscope.record('a.mscope'):\n    pass\nmain()",
    "below tracemalloc": (
        "import tracemalloc\n"
        "with memscope.record('a.mscope'):\n    tracemalloc.start()\n    main()\n"
        "tracemalloc.stop()"
    ),
    "in another thread": (
        "import threading\n"
        "with memscope.record('a.mscope'):\n"
        "    thread = threading.Thread(target=main)\n    thread.start()\n    thread.join()"
    ),
    "in a forked child": (
        "import os, warnings\nwarnings.simplefilter('ignore')\n"
        "with memscope.record('a.mscope'):\n"
        "    if os.fork() == 0:\n        main()\n        sys.stdout.flush()\n        os._exit(0)\n"
        "    os.wait()"
    ),
}


def as_script(folder: Path, script: str, *before: str) -> subprocess.CompletedProcess[str]:
    (folder / "app.py").write_text(script)
    return subprocess.run(
        [sys.executable, *before, "app.py"], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("how", ARENAS_ARE_TOLD)
def test_arenas_are_told_while_recording(how: str, tmp_path: Path) -> None:
    ran = as_script(tmp_path, f"{KEEPS}\n{ARENAS_ARE_TOLD[how]}\n")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True True True\n", "")


@pytest.mark.parametrize("options", [[], ["--sample", "65536"]])
def test_arenas_are_told_under_memscope_run(options: list[str], tmp_path: Path) -> None:
    run = ["-m", "memscope", "run", "-q", "-o", "a.mscope", *options]
    ran = as_script(tmp_path, f"{KEEPS}\nmain()\n", *run)
    assert (ran.returncode, ran.stdout) == (0, "True True True\n"), ran.stderr


def test_asking_for_arenas_hides_no_event(tmp_path: Path) -> None:
    """The hook on malloc is out of the way for a moment: other threads must not pass it then."""
    script = """
import sys, threading, memscope
sys.setswitchinterval(1e-5)
over = False
def ask():
    while not over:
        memscope.memstats()
def rows():
    for _ in range(100_000):
        bytes(200)
thread = threading.Thread(target=ask)
with memscope.record("a.mscope") as recording:
    thread.start()
    rows()
    over = True
    thread.join()
"""
    ran = as_script(tmp_path, script)
    assert (ran.returncode, ran.stderr) == (0, "")
    with memscope.load(tmp_path / "a.mscope") as capture:
        tables = capture.tables
        told = sum(
            int(capture.totals.allocations[row])
            for row, node in enumerate(tables.rows.stack)
            if tables.codes.function[tables.nodes.code[node]] == "rows"
            and tables.rows.size_class[row] == (200 + 33 + 15) // 16
        )
    assert told == 100_000


ASKS = {
    "from a module": "import memscope\nmemscope.memstats()",
    "by name": "from memscope import memstats\nmemstats()",
    "twice, kept": "import memscope\na = memscope.memstats()\nb = memscope.memstats()",
    "in a class body": "import memscope\nclass A:\n    stats = memscope.memstats()",
}


@pytest.mark.parametrize("asks", ASKS)
def test_what_memstats_takes_is_not_the_program_s(asks: str, tmp_path: Path) -> None:
    """Where memstats() does nothing, the same lines import nothing of this."""
    nothing = f"import sys, types\nsys.modules['memscope'] = nothing\n{ASKS[asks]}\n"
    stub = "import types\nnothing = types.ModuleType('memscope')\nnothing.memstats = int\n"
    run = ["-m", "memscope", "run", "-q", "-f", "-o", "a.mscope"]
    answers = []
    for script in (f"import sys, types\n{ASKS[asks]}\n", stub + nothing):
        ran = as_script(tmp_path, script, *run)
        assert ran.returncode == 0, ran.stderr
        hotspots = subprocess.run(
            [*(sys.executable, "-m", "memscope", "hotspots", "a.mscope", "--json", "-n", "0")],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(json.loads(hotspots.stdout)["rows"])
    asked, judged = answers
    names = " ".join(row["file"] for row in asked)
    assert "dataclasses" in names  # what it imports is in the capture …
    for row in asked:  # … but no line of the program's is charged with that
        if row["file"].endswith("app.py") or row["origin"] == "own":
            assert row["file"].endswith("app.py"), row
        own = row.get("own")
        # Line 1 is the test's: what `types` imports differs between Pythons.
        if own is not None and own["line"] > 1:
            assert "memscope" in ASKS[asks].splitlines()[own["line"] - 2], row
        for part in ("dataclasses", "inspect", "process_memory"):
            assert part not in row["file"] or own is None, row
    of_imports = sum(row["allocated_bytes"] for row in judged if "dataclasses" in row["file"])
    assert of_imports == 0


def test_a_recording_s_own_imports_are_not_in_it(tmp_path: Path) -> None:
    script = """
import memscope
from memscope.process_memory import Arenas
with memscope.record("a.mscope"):
    memscope.memstats()
    memscope.memstats()
"""
    ran = as_script(tmp_path, script)
    assert (ran.returncode, ran.stderr) == (0, "")
    with memscope.load(tmp_path / "a.mscope") as capture:
        assert not [file for file in capture.tables.codes.file if "_bootstrap_external" in file]
        assert capture.sums.total.allocations < 2_000  # to import took 47,000
