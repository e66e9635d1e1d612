"""However suddenly a program dies, all its native requests are in the capture.

The oracle counts in the library that makes the requests: a number in a file that is shared with it,
raised after each block.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from end_to_end.side_by_side import Bench
from end_to_end.test_native_attached import built

import memscope

QUIET = {"shell": 'ulimit -c 0; exec "$@"'}
COUNT = 20_000  # more events than the ring without the GIL holds
START = """
import ctypes, mmap, os, signal, sys, threading
lib = ctypes.{kind}({library!r})
file = open("witness", "r+b")
witness = mmap.mmap(file.fileno(), 8)
told = ctypes.c_uint64.from_buffer(witness)
"""
DEATHS = {
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    "left": ("os._exit(3)", 3),
    "replaced": ("os.execv('/bin/sh', ['sh', '-c', 'test -z \"$LD_PRELOAD\" && exit 4'])", 4),
    "crashed": ("ctypes.string_at(0)", -signal.SIGSEGV),
    "aborted": ("os.abort()", -signal.SIGABRT),
}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return built(tmp_path, "counted.c")


def recorded(bench: Bench, library: Path, kind: str, lines: str) -> tuple[int, int]:
    """The status of a recorded program, and how many blocks it counted itself."""
    witness = bench.cwd / "witness"
    witness.write_bytes(bytes(8))
    bench.write("script.py", START.format(kind=kind, library=str(library)) + lines)
    options = ("-q", "--native", "--no-objects")
    ran = bench.recorded("script.py", options=options, **QUIET)
    return ran.status, int.from_bytes(witness.read_bytes(), "little")


def blocks_in(capture: Path, library: Path, *, in_midst: bool = False) -> int:
    with memscope.load(capture) as opened:
        # An event that a kill cut off is said: then the capture is not complete.
        assert opened.complete or in_midst
        tables, allocations = opened.tables, opened.totals.allocations
        nodes, codes = tables.nodes, tables.codes
        return sum(
            int(allocations[row])
            for row, node in enumerate(tables.rows.stack)
            if codes.file[nodes.code[node]] == str(library)
        )


# Without the GIL requests go by another ring than with it.
@pytest.mark.parametrize("kind", ["CDLL", "PyDLL"])
@pytest.mark.parametrize("how", DEATHS)
def test_at_a_known_block(bench: Bench, library: Path, how: str, kind: str) -> None:
    dies, status = DEATHS[how]
    lines = f"lib.fill(ctypes.byref(told), {COUNT})\n{dies}\n"
    assert recorded(bench, library, kind, lines) == (status, COUNT)
    assert blocks_in(bench.capture, library) == COUNT


KILLED_MEANWHILE = f"""
def kill():
    while told.value < {COUNT}:
        pass
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=kill).start()
lib.fill(ctypes.byref(told), ctypes.c_uint64(1 << 40))
"""


def test_in_the_midst_of_a_request(bench: Bench, library: Path) -> None:
    status, told = recorded(bench, library, "CDLL", KILLED_MEANWHILE)
    assert status == -signal.SIGKILL
    assert told >= COUNT
    # The last one may be told and not be counted yet.
    assert blocks_in(bench.capture, library, in_midst=True) - told in (0, 1)


def test_killed_in_a_thread_without_python(bench: Bench, library: Path) -> None:
    status, told = recorded(
        bench, library, "CDLL", f"lib.fill_and_die(ctypes.byref(told), {COUNT})"
    )
    assert (status, told) == (-signal.SIGKILL, COUNT)
    assert blocks_in(bench.capture, library) == COUNT


def test_ranges_of_pages_outlive_it_as_well(bench: Bench, library: Path) -> None:
    lines = "lib.map_pages(300)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    assert recorded(bench, library, "CDLL", lines)[0] == -signal.SIGKILL
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    (row,) = [row for row in rows if row["file"] == str(library)]
    page = os.sysconf("SC_PAGESIZE")
    # Each of two pages, of which the first was unmapped again.
    assert (row["allocations"], row["live_bytes"]) == (300, 300 * page)
