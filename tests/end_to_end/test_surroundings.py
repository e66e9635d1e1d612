"""Programs in surroundings that leave memscope little, or that take something away from it."""

from __future__ import annotations

import signal
import sys
import time

import pytest
from end_to_end.side_by_side import Bench

from memscope.capture import load

STREAMS = """
import os, sys
with open("seen", "w") as file:
    print(sys.stdin is None, sys.stdout is None, sys.stderr is None, file=file)
    print(os.listdir("/proc/self/fd"), file=file)
"""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_streams_closed_at_the_start_stay_closed(bench: Bench, closed: str) -> None:
    bench.write("script.py", STREAMS)
    seen = []
    for run in (bench.native, bench.recorded):
        assert run("script.py", shell=f'"$@" {closed}').status == 0
        seen.append((bench.cwd / "seen").read_text())
    assert seen[0] == seen[1]


@pytest.mark.parametrize("limit_kib", [1_600_000, 2_500_000, 4_000_000])
def test_most_of_a_small_address_space_is_left_to_the_program(bench: Bench, limit_kib: int) -> None:
    bench.write("script.py", "import mmap, sys; print(len(mmap.mmap(-1, int(sys.argv[1]) << 10)))")
    size = str(limit_kib * 3 // 4)
    assert bench.same("script.py", size, shell=f'ulimit -v {limit_kib}; "$@"').status == 0
    assert bench.json("summary")["capture"]["complete"]


def test_a_program_without_the_gil_goes_on_when_its_supervisor_is_killed(bench: Bench) -> None:
    source = """
import os, signal, sys, time
from memscope import _testing
os.kill(os.getppid(), signal.SIGKILL)
start = time.monotonic()
for _ in range(20):
    _testing.allocate_without_gil(1000, 100)
with open("took", "w") as file:
    file.write(str(time.monotonic() - start))
"""
    bench.write("script.py", source)
    assert bench.recorded("script.py").status == -signal.SIGKILL
    deadline = time.monotonic() + 300
    took = bench.cwd / "took"
    while not (took.exists() and took.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    # It waits for two seconds once, not twenty times; on a machine with other work a little longer.
    assert float(took.read_text()) < 20


def test_hooks_that_another_tool_took_out_are_missed_and_put_in_again(bench: Bench) -> None:
    source = """
import memscope, sys, tracemalloc
tracemalloc.start()
with memscope.record(sys.argv[1] + "1"):
    tracemalloc.stop()
    kept = [bytes(1000) for _ in range(1000)]
with memscope.record(sys.argv[1] + "2"):
    kept = [bytes(1000) for _ in range(1000)]
"""
    ran = bench.native(str(bench.write("script.py", source)), str(bench.capture))
    assert (ran.status, ran.stderr) == (0, b"")
    first, second = (load(f"{bench.capture}{number}") for number in (1, 2))
    assert (first.end.complete, first.end.reason) == (False, "unhooked")
    assert second.end.complete
    assert sum(second.totals.allocations) >= 1000


def test_hooks_below_another_tool_are_used_again(bench: Bench) -> None:
    source = """
import memscope, sys, tracemalloc
for number in (1, 2, 3):
    with memscope.record(f"{sys.argv[1]}{number}"):
        tracemalloc.start()
        kept = [bytes(1000) for _ in range(1000)]
    if number == 2:
        tracemalloc.stop()
"""
    ran = bench.native(str(bench.write("script.py", source)), str(bench.capture))
    assert (ran.status, ran.stderr) == (0, b"")
    for number in (1, 2, 3):
        capture = load(f"{bench.capture}{number}")
        assert capture.end.complete
        assert sum(capture.totals.allocations) >= 1000


@pytest.mark.parametrize("options", [[], ["--sample", "65536"]], ids=["exact", "sampled"])
def test_thread_states_that_come_and_go_on_one_thread(bench: Bench, options: list[str]) -> None:
    source = """
from memscope import _testing
INNER, OUTER = ("obj", 50, 4096), ("mem", 50, 8192)
def inner():
    _testing.allocate(*INNER)
def outer():
    _testing.allocate(*OUTER)
    inner()
for _ in range(3):
    _testing.call_on_bare_thread(outer, 20)
"""
    bench.write("script.py", source)
    assert bench.recorded("script.py", options=["-q", *options]).status == 0
    assert bench.json("summary")["capture"]["complete"]
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    of_script = {row["line"]: row for row in rows if row["file"].endswith("script.py")}
    for line, size_bytes in ((5, 4096), (7, 8192)):
        assert of_script[line]["allocations"] == 3000
        assert of_script[line]["allocated_bytes"] == 3000 * size_bytes


def test_threads_beyond_the_last_named_one_share_their_stacks(bench: Bench) -> None:
    source = """
import sys, _thread
def leaf(): return [bytes(10) for _ in range(3)]
def work():
    leaf(), leaf()
    done.release()
done = _thread.allocate_lock()
done.acquire()
for _ in range(int(sys.argv[1])):
    _thread.start_new_thread(work, ())
    done.acquire()
"""
    bench.write("script.py", source)
    bytes_of = {}
    for threads in (400, 1200):
        assert bench.recorded("script.py", str(threads)).status == 0
        capture = load(bench.capture)
        assert capture.end.complete
        assert capture.end.events < 1 << 16, "the ring may have grown, and that is not told"
        bytes_of[threads] = capture.end.segment_bytes - 16 * capture.end.events
    assert bytes_of[1200] - bytes_of[400] < 16 * 800


def test_interpreters_that_share_the_gil_are_recorded_exactly(bench: Bench) -> None:
    source = """
import sys
if sys.version_info >= (3, 13):
    import _interpreters
    run, create = _interpreters.exec, lambda: _interpreters.create("legacy")
else:
    import _xxsubinterpreters
    run, create = _xxsubinterpreters.run_string, lambda: _xxsubinterpreters.create(isolated=False)
code = '''
kept = []
for number in range(20000):
    kept.append([number])
    if number % 10 == 0:
        kept.append(bytearray(2000))
    if len(kept) > 1000:
        kept.clear()
'''
interpreter = create()
run(interpreter, code)
run(interpreter, code)
"""
    bench.write("script.py", source)
    assert bench.recorded("script.py").status == 0
    end = load(bench.capture).end
    assert end.replaced_blocks == 0
    assert end.unknown_reallocations < 10
    assert sum(load(bench.capture).totals.allocations) >= 40_000


@pytest.mark.skipif(sys.version_info < (3, 12), reason="all interpreters share one GIL")
def test_interpreters_with_a_gil_of_their_own_disturb_nothing(bench: Bench) -> None:
    source = """
import sys, threading
if sys.version_info >= (3, 13):
    import _interpreters
    run, create = _interpreters.exec, lambda: _interpreters.create("isolated")
else:
    import _xxsubinterpreters
    run, create = _xxsubinterpreters.run_string, lambda: _xxsubinterpreters.create(isolated=True)
code = '''
kept = []
for number in range(30000):
    kept.append([number])
    if number % 10 == 0:
        kept.append(bytearray(2000))
    if len(kept) > 1000:
        kept.clear()
'''
threads = [threading.Thread(target=run, args=(create(), code)) for _ in range(3)]
for thread in threads:
    thread.start()
kept = []
for number in range(200_000):
    kept.append(bytes(700))
    if len(kept) > 100:
        kept.clear()
for thread in threads:
    thread.join()
"""
    bench.write("script.py", source)
    assert bench.recorded("script.py").status == 0
    capture = load(bench.capture)
    assert capture.end.complete
    assert capture.end.replaced_blocks == 0
    assert capture.end.unknown_reallocations < 10
    own = [
        row
        for row, stack in enumerate(capture.tables.rows.stack)
        if any(frame.file.endswith("script.py") for frame in capture.tables.stack(stack))
    ]
    allocated = sum(capture.totals.allocations[row] for row in own)
    assert allocated >= 200_000
    assert sum(capture.totals.allocations) >= 200_000 + 3 * 33_000
