"""Native memory of a process that was not started for it: `memscope.record(native=True)`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from end_to_end.compiled import built
from end_to_end.side_by_side import Bench, assert_same

Row = dict[str, Any]

# How the loader treats a table of imports: filled in at the first call or at once, sealed or not.
BINDINGS = {
    "lazy": ["-Wl,-z,lazy", "-Wl,-z,norelro"],
    "lazy-sealed": ["-Wl,-z,lazy", "-Wl,-z,relro"],
    "now-sealed": ["-Wl,-z,now", "-Wl,-z,relro"],
    "no-stubs": ["-fno-plt", "-Wl,-z,now", "-Wl,-z,relro"],
}


def recorded(bench: Bench, before: str, within: str, after: str = "") -> None:
    """Runs a program that records a part of itself, with native memory."""
    bench.write(
        "script.py",
        f"import ctypes, memscope, os\n{before}\n"
        f"recording = memscope.record({str(bench.capture)!r}, native=True)\nrecording.start()\n"
        f"{within}\nrecording.stop()\n{after}\n",
    )
    ran = bench.native("script.py")
    assert (ran.status, ran.stderr) == (0, b""), ran.stderr.decode()


def of_library(bench: Bench, library: Path, domain: str | None = None) -> Row:
    options = [] if domain is None else ["--filter", domain]
    rows = bench.json("hotspots", "--group", "line", "-n", "0", *options)["rows"]
    its = [row for row in rows if row["file"] == str(library)]
    names = ("allocations", "allocated_bytes", "frees", "live_blocks", "live_bytes")
    return {name: sum(row[name] for row in its) for name in names}


def load(library: Path, kind: str = "CDLL") -> str:
    return f"lib = ctypes.{kind}({str(library)!r})"


@pytest.mark.parametrize("kind", ["CDLL", "PyDLL"])
@pytest.mark.parametrize("when", ["before", "within"])
def test_all_are_counted(bench: Bench, tmp_path: Path, when: str, kind: str) -> None:
    library = built(tmp_path, "requests.c")
    lines = "lib.churn(10000, 100, 700)\nlib.each()\nlib.grow(300, 1000)\nlib.fail()"
    loads = load(library, kind)
    if when == "before":
        recorded(bench, loads, lines)
    else:
        recorded(bench, "", f"{loads}\n{lines}")
    row = of_library(bench, library)
    grown = sum(range(301)) * 1000
    assert row == {
        "allocations": 10_000 + 11 + 300 + 1,
        "allocated_bytes": 1_000_000 + 9 * 64 + grown + 100,
        "frees": 9_300 + 1,
        "live_blocks": 700 + 11 + 1,
        "live_bytes": 70_000 + 9 * 64 + 100,
    }


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize("when", ["before", "within"])
def test_however_a_library_is_bound(bench: Bench, tmp_path: Path, binding: str, when: str) -> None:
    library = built(tmp_path, "bound.c", *BINDINGS[binding])
    lines = "lib.by_call(300)\nlib.by_table(50)\nlib.late(20)"
    loads = load(library)
    if when == "before":
        recorded(bench, f"{loads}\nlib.by_call(7)", lines)
    else:
        recorded(bench, "", f"{loads}\n{lines}")
    row = of_library(bench, library)
    assert row == {
        "allocations": 300 + 50 + 20 * 2 + 20,
        "allocated_bytes": 300 * 100 + 50 * 100 + 20 * (100 + 200) + 20 * 8192,
        "frees": 50 + 20 + 20,
        "live_blocks": 300 + 20,
        "live_bytes": 300 * 100 + 20 * 4096,
    }


def test_what_was_looked_up_before_is_not_seen_and_that_is_said(
    bench: Bench, tmp_path: Path
) -> None:
    library = built(tmp_path, "bound.c")
    recorded(bench, f"{load(library)}\nlib.look_up()", "lib.by_address(300)\nlib.by_call(4)")
    # An executable that is not position-independent has a stub, which is what is looked up there.
    assert of_library(bench, library)["allocations"] in (4, 304)
    reasons = bench.json("summary")["unseen"]["reasons"]
    told = next(reason for reason in reasons if reason["kind"] == "attached")
    assert "addresses that were looked up before" in told["text"]
    told_by_info = b" ".join(bench.memscope("info", str(bench.capture)).stdout.split())
    assert b"attached; not seen" in told_by_info


def test_threads_without_python_are_told(bench: Bench, tmp_path: Path) -> None:
    library = built(tmp_path, "requests.c")
    recorded(bench, load(library), "lib.hand_over(8, 20000, 40)")
    row = of_library(bench, library)
    assert (row["allocations"], row["frees"]) == (160_000, 160_000)
    assert row["allocated_bytes"] == 6_400_000
    stacks = bench.json("hotspots", "--group", "stack", "-n", "0")["rows"]
    roots = {row["stack"][0]["function"] for row in stacks if row["file"] == str(library)}
    assert roots == {"<thread fill>"}


def test_the_next_recording_has_what_came_meanwhile(bench: Bench, tmp_path: Path) -> None:
    library = built(tmp_path, "requests.c")
    recorded(
        bench,
        f"with memscope.record('first.mscope', native=True): pass\n{load(library)}",
        "lib.churn(100, 64, 10)",
    )
    assert of_library(bench, library)["allocations"] == 100


# The kernel may count the recorder's thread for a moment after its end: Python would warn of it.
AFTERWARDS = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
lib.churn(1000, 64, 0)
child = os.fork()
if child == 0:
    lib.churn(1000, 64, 0)
    with memscope.record("child.mscope", native=True):
        lib.churn(30, 64, 0)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""


def test_the_program_goes_on_and_may_fork(bench: Bench, tmp_path: Path) -> None:
    library = built(tmp_path, "requests.c")
    recorded(bench, load(library), "lib.churn(100, 64, 10)", AFTERWARDS)
    assert of_library(bench, library)["allocations"] == 100
    bench.capture.unlink()
    (bench.cwd / "child.mscope").rename(bench.capture)
    assert of_library(bench, library)["allocations"] == 30


# Threads that load, call and close libraries while recordings begin and end.
RESTLESS = """
import _ctypes, sys, threading
names = {names!r}
over = threading.Event()
def work(number):
    while not over.is_set():
        lib = ctypes.CDLL(names[number])
        lib.churn(200, 64, 0)
        _ctypes.dlclose(lib._handle)
workers = [threading.Thread(target=work, args=(number,)) for number in range(len(names))]
if {native!r}:
    recordings = [memscope.record(f"{{n}}.mscope", native=True, force=True) for n in range(12)]
for worker in workers:
    worker.start()
for number in range(12):
    if {native!r}:
        with recordings[number]:
            bytearray(1 << 20)
over.set()
for worker in workers:
    worker.join()
print("well")
"""


def test_libraries_come_and_go_meanwhile(bench: Bench, tmp_path: Path) -> None:
    names = []
    for number in range(3):
        library = built(tmp_path, "requests.c")
        names.append(str(library.rename(tmp_path / f"lib{number}.so")))
    script = "import ctypes, memscope\n" + RESTLESS
    bench.write("plain.py", script.format(names=names, native=False))
    bench.write("script.py", script.format(names=names, native=True))
    assert_same(bench.native("script.py"), bench.native("plain.py"))


def test_requests_of_python_are_counted_once(bench: Bench) -> None:
    recorded(bench, "", "kept = [bytes(1000) for _ in range(500)]")
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    (row,) = [row for row in rows if row["line"] == 5]
    assert row["live_bytes"] == pytest.approx(500 * 1033, rel=0.02)
