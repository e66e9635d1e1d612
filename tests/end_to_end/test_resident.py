"""Resident memory: one figure in every report, owners of what was not tracked, no blind all-clear.

The oracle is the program itself: it knows what it filled, and reads the kernel's count of its own.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from end_to_end.side_by_side import Bench

import memscope
from memscope.analysis.summary import summarize
from memscope.reports.html.single import facts

MIB = 1 << 20

# Blocks that live together in libc, in a mapping, in a file; each page is touched.
NATIVE = """
import ctypes, time
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
blocks = [libc.malloc({block}) for _ in range({count})]
for block in blocks:
    ctypes.memset(block, 1, {block})
time.sleep(0.5)
"""
MAPPED = """
import mmap, time
with open("data.bin", "wb+") as file:
    file.truncate(150 << 20)
    mapped = mmap.mmap(file.fileno(), 150 << 20)
for page in range(0, 150 << 20, 4096):
    mapped[page] = 1
time.sleep(0.5)
"""
UNNAMED = """
import mmap, time
mapped = mmap.mmap(-1, 150 << 20{flags})
for page in range(0, 150 << 20, 4096):
    mapped[page] = 1
time.sleep(0.5)
"""
PRIVATE = UNNAMED.format(flags=", mmap.MAP_PRIVATE")
SHARED = UNNAMED.format(flags="")
OBJECTS = "old = [str(number) * 3 for number in range(1_000_000)]"
ONE_BLOCK = "old = bytearray(b'x') * (90 << 20)"
NATIVE_BLOCK = NATIVE.format(block=90 << 20, count=1)


def recorded_part(before: str, inside: str, capture: Path) -> str:
    inside = textwrap.indent(inside.strip(), "    ")
    return f"{before}\nimport memscope\nwith memscope.record({str(capture)!r}):\n{inside}\n"


def answers(bench: Bench) -> dict[str, str]:
    """What each subcommand tells people, at 80 columns and on one line."""
    told = {}
    for subcommand in ("summary", "timeline", "advise"):
        arguments = ["--no-calibration"] if subcommand == "advise" else []
        done = bench.memscope(subcommand, *arguments, str(bench.capture))
        assert done.status == 0, done.stderr
        told[subcommand] = done.stdout.decode()
        widest = max(map(len, told[subcommand].splitlines()))
        assert widest <= 80 + len(str(bench.capture)), told[subcommand]
    return told


def owners(document: dict[str, Any]) -> dict[str, float]:
    sums: dict[str, float] = {}
    for owner in document["unseen"]["owners"]:
        sums[owner["origin"]] = sums.get(owner["origin"], 0) + owner["bytes"] / MIB
    return sums


def figures(bench: Bench) -> dict[str, int]:
    """The figure by where it is shown."""
    capture = str(bench.capture)
    with memscope.load(bench.capture) as opened:
        on_page = facts(summarize(opened))["resident_bytes"]
    compared = bench.memscope("compare", "--json", capture, capture)
    return {
        "summary": bench.json("summary")["rss"]["peak_bytes"],
        "timeline": bench.json("timeline")["rss"]["peak_bytes"],
        "advise": bench.json("advise", "--no-calibration")["program"]["rss_bytes"],
        "compare": json.loads(compared.stdout)["totals"]["resident_bytes"]["old"],
        "report": on_page,
    }


@pytest.mark.parametrize(
    ("program", "least"),
    [
        pytest.param(NATIVE.format(block=300 << 20, count=1), 300, id="one-block"),
        pytest.param(NATIVE.format(block=64 << 10, count=2000), 125, id="libc-heap"),
        pytest.param(PRIVATE, 150, id="mapping"),
    ],
)
def test_native_memory_is_told_as_such_and_blamed_on_nobody(
    bench: Bench, program: str, least: int
) -> None:
    bench.recorded(str(bench.write("native.py", program)))
    summary = bench.json("summary")
    # The last look may be a little before the last page.
    assert least * 0.9 < owners(summary)["native"] < least + 12
    assert summary["unseen"]["likely"] == []
    told = answers(bench)
    assert re.search(r"^not seen +\d+ MiB +\d+ MiB native;", told["summary"], re.MULTILINE)
    assert "numpy" not in "".join(told.values())
    assert "hotspots --by peak lists the lines that made the peak" not in " ".join(
        told["advise"].split()
    )
    assert "memscope run --native" in " ".join(told["advise"].split())


def test_a_mapped_file_has_its_own_name(bench: Bench) -> None:
    bench.recorded(str(bench.write("mapped.py", MAPPED)))
    summary = bench.json("summary")
    assert 135 <= owners(summary)["mapping"] < 152
    assert owners(summary).get("native", 0) < 12
    told = answers(bench)
    assert re.search(r"1\d\d MiB mapped from data\.bin", told["summary"])
    bench.recorded(str(bench.write("shared.py", SHARED)))
    assert re.search(r"1\d\d MiB shared memory;", answers(bench)["summary"])
    assert "hotspots --by peak lists the lines that made the peak" not in " ".join(
        told["advise"].split()
    )


@pytest.mark.parametrize(
    ("before", "least", "most"),
    [
        # All are 80.5 MiB. On 3.11 arenas from before are not known: what lies behind a
        # library's data counts as its.
        pytest.param(OBJECTS, 60 if sys.version_info >= (3, 12) else 40, 100, id="objects"),
        pytest.param(ONE_BLOCK, 90, 130, id="bytearray"),
        pytest.param(NATIVE_BLOCK, 90, 130, id="native"),
    ],
)
def test_memory_from_before_the_recording_is_told_by_that_name(
    bench: Bench, before: str, least: int, most: int
) -> None:
    program = recorded_part(before, "new = [str(i) for i in range(50_000)]", bench.capture)
    assert bench.native(str(bench.write("part.py", program))).status == 0
    summary = bench.json("summary")
    assert least <= owners(summary)["before"] < most
    assert owners(summary).get("native", 0) < 8
    assert summary["before"]["resident_bytes"] > least * MIB
    arenas = summary["before"]["pymalloc_arenas"]
    assert (
        arenas is None if sys.version_info < (3, 12) else arenas >= (50 if before == OBJECTS else 1)
    )
    told = answers(bench)
    assert "from before the recording" in told["summary"]
    assert "libraries' own" not in told["summary"]
    assert "hotspots --by peak lists the lines that made the peak" not in " ".join(
        told["advise"].split()
    )
    assert "memscope run records a program from its start" in " ".join(told["advise"].split())


def test_the_all_clear_is_for_programs_that_were_seen(bench: Bench) -> None:
    kept = bench.write("kept.py", "import time\nkept = b'x' * (60 << 20)\ntime.sleep(0.5)\n")
    bench.recorded(str(kept))
    assert bench.json("advise", "--no-calibration")["unseen"]["reasons"] == []
    small = bench.write("small.py", "import time\nprint(sum(range(10)))\ntime.sleep(0.5)\n")
    bench.recorded(str(small))
    assert bench.json("advise", "--no-calibration")["unseen"]["reasons"] == []
    assert "hotspots --by peak lists the lines that made the peak" in " ".join(
        answers(bench)["advise"].split()
    )


CHILD = """
import subprocess, sys
kept = [str(i) for i in range(20_000)]
subprocess.run([sys.executable, "-c", "x = bytearray(200_000_000)"], check=True)
"""
FORKED = """
import os
kept = bytearray(b"x") * (30 << 20)
if (pid := os.fork()) == 0:
    more = bytearray(b"x") * (80 << 20)
    os._exit(0)
os.waitpid(pid, 0)
"""
KILLED = """
import os, signal, time
kept = bytearray(b"x") * (80 << 20)
time.sleep(0.5)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("program", "options", "most"),
    [
        pytest.param("kept = bytearray(b'x') * (80 << 20)", [], 110, id="run"),
        pytest.param("kept = bytearray(b'x') * (80 << 20)", ["--sample", "64K"], 110, id="sampled"),
        pytest.param("kept = 1", [], 30, id="short"),
        pytest.param(KILLED, [], 110, id="killed"),
        pytest.param(CHILD, [], 40, id="larger-child"),
        pytest.param(FORKED, [], 60, id="forked"),
        pytest.param(FORKED, ["--follow-fork"], 60, id="followed"),
    ],
)
def test_every_report_shows_the_same_figure(
    bench: Bench, program: str, options: list[str], most: int
) -> None:
    bench.recorded(str(bench.write("program.py", program)), options=["-q", *options])
    shown = figures(bench)
    assert len(set(shown.values())) == 1, shown
    assert 5 * MIB < shown["summary"] < most * MIB
    told = answers(bench)
    text = re.search(r"^resident +([\d.]+ \wiB)", told["summary"], re.MULTILINE)
    assert text is not None
    if "at most" in told["timeline"]:
        assert f"resident {text[1]} at most" in told["timeline"]


def test_a_part_of_a_process_has_its_own_figure(bench: Bench) -> None:
    """The oracle reads the kernel's peak in the program, with memscope in it."""
    inside = """
before = peak()
new = bytearray(b"x") * (50 << 20)
del new
print(before, peak())
"""
    before = """
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
"""
    done = bench.native(str(bench.write("part.py", recorded_part(before, inside, bench.capture))))
    start, highest = map(int, done.stdout.split())
    shown = figures(bench)
    assert len(set(shown.values())) == 1, shown
    rss = bench.json("summary")["rss"]
    # A look that falls within the moment of the most memory finds as much as the kernel kept.
    assert rss["source"] in {"kernel", "looks"}
    assert abs(rss["peak_bytes"] + rss["own_bytes"] - highest) < 2 * MIB
    assert 50 * MIB < rss["peak_bytes"] < start + 51 * MIB
