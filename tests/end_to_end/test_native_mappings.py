"""Mappings: what a C library maps is told to the page, whatever of it goes, and with who asked."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from end_to_end.compiled import built
from end_to_end.side_by_side import Bench

import memscope

Row = dict[str, Any]

PAGE = 4096
OPTIONS = ("-q", "--native", "--no-objects")
SEEDS = (1, 2, 3)
ORDERS = [f"{{}}.field({seed}, 4000, counts); print(*counts, flush=True)" for seed in SEEDS]
# What is called, with the GIL kept and without; and what that comes to.
KNOWN: dict[str, dict[str, int]] = {
    "{}.halves(200, 64, 50)": {
        "allocations": 200,
        "pages": 200 * 64,
        "frees": 200,
        "live_blocks": 150,
        "live_pages": 150 * 32,
    },
    "{}.holes(64)": {
        "allocations": 1,
        "pages": 64,
        "frees": 2,
        "live_blocks": 2,
        "live_pages": 30,
    },
    "{}.grow(300)": {
        "allocations": 302,
        "pages": 1 + sum(range(2, 302)) + 1,
        "frees": 0,
        "live_blocks": 1,
        "live_pages": 1,
    },
    # Of four pages one is mapped anew: a free of it, and an allocation.
    "assert {}.fail() == 5": {"allocations": 2, "pages": 5, "frees": 1, "live_pages": 4},
    "assert {}.fail_to_replace() == 2": {
        "allocations": 2,
        "pages": 10,
        "frees": 0,
        "live_blocks": 2,
        "live_pages": 10,
    },
    "{}.others()": {"allocations": 1, "pages": 8, "frees": 1, "live_blocks": 1, "live_pages": 4},
    "{}.heap_end(1_000 * 4096)": {"allocations": 2, "pages": 2000, "frees": 1, "live_pages": 1000},
    "{}.halves(1, 1 << 21, 0)": {
        "allocations": 1,
        "pages": 1 << 21,
        "frees": 1,
        "live_pages": 1 << 20,
    },
}
CALLS = [call.format(held) for call in (*KNOWN, *ORDERS) for held in ("lib", "gil")]


def pages_of(row: Row) -> Row:
    """Also what of it is bytes, in pages."""
    of = {"pages": "allocated_bytes", "live_pages": "live_bytes", "peak_pages": "peak_bytes"}
    return row | {name: row[key] / PAGE for name, key in of.items()}


def assert_counts(row: Row, wanted: dict[str, int]) -> None:
    found = pages_of(row)
    assert {name: found[name] for name in wanted} == wanted


@pytest.fixture(scope="session")
def mapping_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("mapping"), "mapping.c")


def record(bench: Bench, library: Path, calls: list[str], *options: str) -> bytes:
    """Runs one call a line, with the library as `lib`, and `gil` where it keeps the GIL."""
    lines = [
        "import ctypes, os; counts = (ctypes.c_long * 3)()",
        f"lib, gil = ctypes.CDLL({str(library)!r}), ctypes.PyDLL({str(library)!r})",
        "lib.heap_end.argtypes = gil.heap_end.argtypes = [ctypes.c_ssize_t]",
        *calls,
        "os._exit(0)",  # at the end of the run lives what lived at the last line
    ]
    bench.write("script.py", "\n".join(lines) + "\n")
    ran = bench.recorded("script.py", options=(*OPTIONS, *options))
    assert ran.status == 0, ran.stderr
    return ran.stdout


def rows_of(bench: Bench, library: Path) -> dict[int | None, Row]:
    """What the library mapped, by the number of the call; None: in threads without Python."""
    found: dict[int | None, Counter[str]] = {}
    for row in bench.json("hotspots", "--group", "stack", "-n", "0")["rows"]:
        if row["stack"] and row["stack"][-1]["file"] == str(library):
            lines = [frame["line"] for frame in row["stack"] if frame["file"].endswith("script.py")]
            call = found.setdefault(lines[-1] - 4 if lines else None, Counter())
            call.update({name: value for name, value in row.items() if isinstance(value, int)})
    return {number: dict(call) for number, call in found.items()}


@pytest.fixture(scope="module")
def all_calls(
    tmp_path_factory: pytest.TempPathFactory, mapping_library: Path
) -> tuple[dict[int | None, Row], list[bytes]]:
    """One run with all calls: what each mapped, and what was printed."""
    bench = Bench(tmp_path_factory.mktemp("cwd"), tmp_path_factory.mktemp("captures"))
    printed = record(bench, mapping_library, [*CALLS, "lib.hand_over(8)"])
    return rows_of(bench, mapping_library), printed.splitlines()


@pytest.mark.parametrize("held", ["lib", "gil"])
@pytest.mark.parametrize("call", KNOWN)
def test_each_page_is_counted(
    all_calls: tuple[dict[int | None, Row], list[bytes]], call: str, held: str
) -> None:
    rows, _ = all_calls
    assert_counts(rows[CALLS.index(call.format(held))], KNOWN[call])


def test_any_order_of_maps_unmaps_and_moves(
    all_calls: tuple[dict[int | None, Row], list[bytes]],
) -> None:
    rows, printed = all_calls
    first = len(CALLS) - len(printed)
    assert len(printed) == 2 * len(SEEDS)
    for number, line in enumerate(printed, first):
        calls, pages, mapped = map(int, line.split())
        wanted = {"allocations": calls, "pages": pages, "live_pages": mapped}
        assert_counts(rows[number], wanted)


def test_ranges_of_threads_without_python_lose_pages_to_others(
    all_calls: tuple[dict[int | None, Row], list[bytes]],
) -> None:
    rows, _ = all_calls
    wanted = {
        "allocations": 256,
        "pages": 1024,
        "frees": 256,
        "live_blocks": 512,
        "live_pages": 768,
    }
    assert_counts(rows[None], wanted)


def test_at_the_peak_pieces_are_what_they_were(bench: Bench, mapping_library: Path) -> None:
    calls = ["lib.grow(3000)", "lib.holes(1 << 12)", "large = bytes(1 << 28)", "lib.holes(1 << 11)"]
    record(bench, mapping_library, calls, "--events")
    rows = rows_of(bench, mapping_library)
    assert_counts(rows[0], {"peak_pages": 1})
    assert_counts(rows[1], {"peak_pages": (1 << 11) - 2})
    assert_counts(rows[3], {"peak_pages": 1 << 11, "live_pages": (1 << 10) - 2})
    with memscope.load(bench.capture) as capture:
        # Others map a little, too: libffi, from CPython 3.14 on.
        live = zip(capture.tables.rows.domain, capture.totals.live_bytes, strict=True)
        assert replayed(capture) * PAGE == sum(size for domain, size in live if domain == 4)


def replayed(capture: memscope.Capture) -> int:
    """Pages that are mapped when all events have happened."""
    live: Counter[int] = Counter()
    for events in capture.events():
        columns = (events.kind, events.domain, events.address, events.old_address, events.size)
        for kind, domain, address, old_address, size_bytes in zip(*columns, strict=True):
            if domain != 4:
                continue
            if kind == 2:
                del live[address]
            elif kind == 3:
                del live[old_address]
            if kind != 2:
                live[address] = size_bytes
    return sum(live.values()) // PAGE


def test_what_python_maps_for_itself_is_not_counted(bench: Bench) -> None:
    bench.write(
        "script.py",
        "import os, threading\n"
        "kept = [[] for _ in range(100_000)]\n"
        "def deep(n): return n and deep(n - 1)\n"
        "deep(900)\n"
        "all = [threading.Thread(target=deep, args=(500,)) for _ in range(8)]\n"
        "for one in all: one.start()\n"
        "for one in all: one.join()\n"
        "os._exit(0)\n",
    )
    assert bench.recorded("script.py", options=OPTIONS).status == 0
    domains = {row["domain"]: row for row in bench.json("summary")["domains"]}
    assert domains["mapped"]["allocations"] == 0
    assert domains["obj"]["allocations"] > 100_000


def test_resident_pages_stand_beside_reserved_ones(bench: Bench) -> None:
    bench.write(
        "script.py",
        "import ctypes, mmap\n"
        "kept = mmap.mmap(-1, 48 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
        "kept.madvise(getattr(mmap, 'MADV_NOHUGEPAGE', mmap.MADV_NORMAL))\n"
        "for page in range(0, 48 << 20, 4096 * 3): kept[page] = 1\n"
        "libc, start = ctypes.CDLL(None), ctypes.addressof(ctypes.c_char.from_buffer(kept))\n"
        # To the kernel these are five mappings now.
        "for part in (8, 24): libc.mprotect(ctypes.c_void_p(start + (part << 20)), 4 << 20, 1)\n",
    )
    assert bench.recorded("script.py", options=("-q", "--native")).status == 0
    parts = bench.json("rss", "--at", "end")["parts"]
    found = [part for part in parts if part["origin"] == "mapping"]
    (part,) = [part for part in found if part["name"].startswith("mmap.")]
    assert part["bytes"] == 16 << 20
    assert part["reserved_bytes"] == 48 << 20
    said = bench.memscope("summary", str(bench.capture)).stdout.decode()
    assert re.search(r"^mapped +48 MiB ", said, re.MULTILINE)


def test_a_block_may_lie_in_several_of_the_kernels_mappings(bench: Bench) -> None:
    bench.write(
        "script.py",
        "import ctypes\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]\n"
        "libc.mallopt(-3, 1 << 30)\n"  # from the heap, however large
        "start = libc.malloc(24 << 20)\n"
        "ctypes.memset(start, 1, 24 << 20)\n"
        "inner = ctypes.c_void_p((start + (8 << 20)) & -4096)\n"
        "assert libc.madvise(inner, ctypes.c_size_t(8 << 20), 10) == 0\n",  # not for a fork
    )
    assert bench.recorded("script.py", options=("-q", "--native")).status == 0
    parts = bench.json("rss", "--at", "end")["parts"]
    sums: Counter[str] = Counter()
    for part in parts:
        sums[part["origin"]] += part["bytes"]
    assert sums["native"] > 24 << 20
    assert sums["unexplained"] < 4 << 20
