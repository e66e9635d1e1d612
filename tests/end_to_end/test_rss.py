"""`memscope rss`: the parts of resident memory, against what the program knows of its own.

The oracle runs within the program: it maps, touches and holds known amounts, and reads the kernel's
lists and pymalloc's own count itself, as its last act.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from end_to_end.side_by_side import Bench

import memscope
from memscope.analysis.measures import Measures
from memscope.reports.html.panels import resident_panel

KIB, MIB = 1 << 10, 1 << 20

# What the program says of itself at its end: the kernel's sum, and what each kind of mapping has.
ORACLE = """
def read_mappings():
    import os, sys
    program = os.path.realpath(sys.executable)
    found, rss, guard = {"guard": 0}, 0, 0
    for line in open("/proc/self/smaps", errors="replace"):
        words = line.split()
        if not words[0].endswith(":"):
            start, end = (int(bound, 16) for bound in words[0].split("-"))
            # Below a thread's stack lies a mapping that forbids all.
            found["guard"] += start == guard and end - start == 16 << 20
            guard = end if words[1].startswith("---") else 0
            path = line.split(maxsplit=5)[5].strip() if len(words) > 5 else ""
            library = path.startswith("/") and (".so" in path or path == program)
            kind = "library" if library else path if path.startswith("[stack") else "other"
        elif words[0] == "VmFlags:":
            found["guard"] += 4 * ("gu" in words)  # or a mark within
        elif words[0] == "Rss:":
            found[kind] = found.get(kind, 0) + int(words[1]) * 1024
            rss += int(words[1]) * 1024
    return found | {"all": rss}

def tell(**known):
    import json
    known["mappings"] = read_mappings()
    with open("known.json", "w") as file:
        json.dump(known, file)
"""

BLOCKS = (
    ORACLE
    + """
import mmap, threading
untouched = bytes(64 << 20)
zeros_that_were_read = bytes(32 << 20)
assert not any(zeros_that_were_read[::4096])
whole = bytearray(b"x") * (24 << 20)
small = [str(number) for number in range(200_000)]
mapped = mmap.mmap(-1, 40 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for page in range(0, 10 << 20, 4096):
    mapped[page] = 1
with open("data.bin", "wb+") as file:
    file.truncate(50 << 20)
    of_file = mmap.mmap(file.fileno(), 50 << 20)
for page in range(0, 20 << 20, 4096):
    of_file[page] = 1
threading.stack_size(16 << 20)
held = threading.Event()
threads = [threading.Thread(target=held.wait, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
tell()
"""
)


def known(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bench.cwd / "known.json").read_text())
    return found


def line_of(document: dict[str, Any], source: Path, code: str) -> dict[str, Any]:
    number = source.read_text().splitlines().index(code) + 1
    return next(
        row for row in document["lines"] if row["line"] == number and row["file"] == str(source)
    )


def of_origin(document: dict[str, Any], origin: str, name: str = "") -> tuple[int, int]:
    parts = [
        part
        for part in document["parts"]
        if part["origin"] == origin and part["name"].startswith(name)
    ]
    return sum(part["bytes"] for part in parts), sum(part["reserved_bytes"] for part in parts)


def check_sums(document: dict[str, Any]) -> None:
    assert sum(part["bytes"] for part in document["parts"]) == document["resident_bytes"]
    assert all(0 <= part["bytes"] <= part["reserved_bytes"] for part in document["parts"])
    unexplained = of_origin(document, "unexplained")[0]
    share = 1 - unexplained / document["resident_bytes"]
    assert document["explained_share"] == pytest.approx(share)


def test_parts_are_what_the_program_knows_of_itself(bench: Bench) -> None:
    source = bench.write("blocks.py", BLOCKS)
    assert bench.recorded(str(source)).status == 0
    document = bench.json("rss", "--at", "end")
    check_sums(document)
    assert document["moment"] == "end"
    mappings = known(bench)["mappings"]
    # Between the program's reading and the recorder's lie an open file and what answers took.
    assert document["resident_bytes"] == pytest.approx(mappings["all"], abs=2 * MIB)
    untouched = line_of(document, source, "untouched = bytes(64 << 20)")
    assert untouched["bytes"] < 64 * KIB
    assert untouched["reserved_bytes"] >= 64 * MIB
    only_read = line_of(document, source, "zeros_that_were_read = bytes(32 << 20)")
    assert only_read["bytes"] < 64 * KIB
    assert only_read["reserved_bytes"] >= 32 * MIB
    whole = line_of(document, source, 'whole = bytearray(b"x") * (24 << 20)')
    assert whole["bytes"] == pytest.approx(24 * MIB, abs=8 * KIB)
    assert of_origin(document, "unexplained")[0] == pytest.approx(10 * MIB, abs=MIB // 2)
    mapped = [p for p in document["parts"] if p["origin"] == "unexplained" and p["bytes"] > MIB]
    assert len(mapped) == 1
    assert mapped[0]["reserved_bytes"] >= 40 * MIB
    assert of_origin(document, "mapping", "data.bin") == (20 * MIB, 50 * MIB)
    stacks, reserved = of_origin(document, "stacks")
    assert 4 * KIB <= stacks < MIB
    if mappings["guard"] >= 4:  # neither, with a new libc on an older kernel
        assert stacks >= 4 * 4 * KIB
        assert reserved >= 4 * 16 * MIB
    # The oracle counts no .bss, which lies behind a library without a name.
    code = of_origin(document, "code")[0]
    assert mappings["library"] - 64 * KIB <= code < mappings["library"] + 2 * MIB


PYMALLOC = """
import gc, os, sys
gc.disable()
objects = [(number, str(number)) for number in range(1_000_000)]
del objects[::3]
"""
COUNTED = re.compile(r"# bytes in allocated blocks\s+=\s+([\d,]+)")
ARENAS = re.compile(r"([\d,]+) arenas \* (\d+) bytes/arena")


def test_room_in_arenas_is_what_pymalloc_counts(bench: Bench) -> None:
    """The same program with and without the recorder: one counts pools, the other asks pymalloc."""
    told = PYMALLOC + "sys._debugmallocstats()\n"
    native = bench.native(str(bench.write("told.py", told)))
    assert native.status == 0
    text = native.stderr.decode()
    counted = int(COUNTED.search(text)[1].replace(",", ""))  # type: ignore[index]
    arenas = int(ARENAS.search(text)[1].replace(",", ""))  # type: ignore[index]
    assert bench.recorded(str(bench.write("objects.py", PYMALLOC))).status == 0
    with memscope.load(bench.capture) as capture:
        look = capture.looks[-1]
        assert look.final
        assert look.arenas is not None
        pages = look.arenas
        assert pages.counted
        # The recorder's start-up script left other imports behind than the interpreter's own.
        assert pages.blocks_bytes == pytest.approx(counted, rel=0.02)
        assert pages.count == pytest.approx(arenas, rel=0.02, abs=2)
        parts = pages.blocks_bytes + pages.headers_bytes
        parts += pages.free_blocks_bytes + pages.free_pools_bytes
        assert parts == pages.resident_bytes <= pages.size_bytes
    document = bench.json("rss", "--at", "end")
    check_sums(document)
    free = of_origin(document, "pymalloc free", "free blocks")[0]
    assert free == pytest.approx(pages.free_blocks_bytes, rel=0.05)


def test_the_peak_is_told_with_what_was_live_then(bench: Bench) -> None:
    source = bench.write(
        "peak.py",
        """
import time
high = bytearray(b"x") * (80 << 20)
time.sleep(1.5)
del high
low = bytearray(b"x") * (30 << 20)
time.sleep(0.8)
""",
    )
    assert bench.recorded(str(source)).status == 0
    peak, end = bench.json("rss"), bench.json("rss", "--at", "end")
    check_sums(peak)
    check_sums(end)
    assert peak["moment"] == "peak"
    assert peak["time_s"] < end["time_s"]
    high = 'high = bytearray(b"x") * (80 << 20)'
    line = line_of(peak, source, high)
    # The highest look may be a thirty-second below the peak, while the last pages were touched.
    assert 77 * MIB <= line["bytes"] <= line["reserved_bytes"] < 81 * MIB
    low = 'low = bytearray(b"x") * (30 << 20)'
    assert line_of(end, source, low)["bytes"] == pytest.approx(30 * MIB, abs=8 * KIB)
    assert peak["explained_share"] > 0.9


def test_a_block_whose_mapping_was_parted_is_told_as_a_whole(bench: Bench) -> None:
    """As numpy does it: advice on huge pages is of all but the first page of a large array."""
    source = bench.write(
        "advised.py",
        """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
block = bytearray(b"x") * (20 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(block))
first = (address + 4095) // 4096 * 4096
MADV_DONTDUMP = 16
assert libc.madvise(ctypes.c_void_p(first), ctypes.c_size_t(16 << 20), MADV_DONTDUMP) == 0
""",
    )
    assert bench.recorded(str(source)).status == 0
    document = bench.json("rss", "--at", "end")
    check_sums(document)
    line = line_of(document, source, 'block = bytearray(b"x") * (20 << 20)')
    assert line["bytes"] == pytest.approx(20 * MIB, abs=8 * KIB)
    assert of_origin(document, "unexplained")[0] < MIB


def test_a_part_of_a_process_has_parts_too(bench: Bench) -> None:
    program = f"""
import memscope
old = bytearray(b"x") * (20 << 20)
with memscope.record({str(bench.capture)!r}):
    new = bytearray(b"x") * (40 << 20)
"""
    source = bench.write("part.py", program)
    assert bench.native(str(source)).status == 0
    document = bench.json("rss", "--at", "end")
    check_sums(document)
    new = line_of(document, source, '    new = bytearray(b"x") * (40 << 20)')
    assert new["bytes"] == pytest.approx(40 * MIB, abs=8 * KIB)
    # Within the process the recorder's tables are part of it.
    assert of_origin(document, "memscope", "tables")[0] > 256 * KIB


def test_a_killed_program_has_its_last_look(bench: Bench) -> None:
    source = bench.write(
        "killed.py",
        """
import os, signal, time
kept = bytearray(b"x") * (50 << 20)
time.sleep(0.8)
os.kill(os.getpid(), signal.SIGKILL)
""",
    )
    bench.recorded(str(source))
    document = bench.json("rss", "--at", "end")
    check_sums(document)
    assert document["moment"] == document["time_s"]
    kept = 'kept = bytearray(b"x") * (50 << 20)'
    line = line_of(document, source, kept)
    # The look may have come while it was being filled; what is not yet is reserved.
    assert 30 * MIB < line["bytes"] <= line["reserved_bytes"] <= 50 * MIB + 8 * KIB
    told = bench.memscope("rss", "--at", "end", str(bench.capture)).stdout.decode()
    assert "none came at the end" in told
    assert max(map(len, told.splitlines())) <= 80


OVER_TIME = """
import sqlite3
orders = [{"id": number} for number in range(60_000)]
whole = bytearray(b"x") * (30 << 20)
base = sqlite3.connect(":memory:")
base.execute("CREATE TABLE orders (id INTEGER)")
base.executemany("INSERT INTO orders VALUES (:id)", orders)
del orders[::2]
"""


@pytest.mark.parametrize("options", [(), ("--native",)], ids=["python", "native"])
def test_every_look_adds_up_and_the_last_is_that_of_rss(
    bench: Bench, options: tuple[str, ...]
) -> None:
    source = bench.write("over_time.py", OVER_TIME)
    assert bench.recorded(str(source), options=options).status == 0
    looks = bench.json("timeline")["looks"]
    assert looks == sorted(looks, key=lambda look: look["time_s"])
    for look in looks:
        assert sum(look["origins"].values()) == look["resident_bytes"]
    end = bench.json("rss", "--at", "end")
    assert looks[-1]["time_s"] == end["time_s"]
    assert looks[-1]["resident_bytes"] == end["resident_bytes"]
    for origin, size in looks[-1]["origins"].items():
        # Here the parts of an origin are rounded one by one.
        assert size == pytest.approx(of_origin(end, origin)[0], abs=KIB), origin
    with memscope.load(bench.capture) as capture:
        stack = resident_panel(Measures(capture), False).stack
    assert stack is not None
    assert "between looks" in stack.note
    for place, look in enumerate(looks):
        shown = sum(part.bytes[place] for part in stack.parts)
        assert shown == look["resident_bytes"] - look["origins"].get("memscope", 0)
