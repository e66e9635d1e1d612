"""Native memory: what a C library requests is told to the block, with who asked."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from end_to_end.compiled import COMPILER, built
from end_to_end.side_by_side import Bench, assert_same

Row = dict[str, Any]
Requests = Callable[[str], Row]

NATIVE = ("-q", "--native", "--no-objects")


@pytest.fixture(scope="session")
def requests_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("native"), "requests.c")


@pytest.fixture
def requests(bench: Bench, requests_library: Path) -> Requests:
    """Runs lines with the library as `lib`, and `gil` where it keeps the GIL; what it asked for."""

    def record(lines: str) -> Row:
        # Left by os._exit: at the end of the run lives what lived at the last line.
        bench.write(
            "script.py",
            "import ctypes, os\n"
            f"lib, gil = ctypes.CDLL({str(requests_library)!r}), ctypes.PyDLL(lib._name)\n"
            f"{lines}\nos._exit(0)\n".replace("lib._name", repr(str(requests_library))),
        )
        assert bench.recorded("script.py", options=NATIVE).status == 0
        rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
        return of_library(rows, requests_library)

    return record


def of_library(rows: list[Row], library: Path) -> Row:
    """The sums of all functions of a library."""
    its = [row for row in rows if row["file"] == str(library)]
    names = [name for name, value in its[0].items() if isinstance(value, int)]
    return {name: sum(row[name] for row in its) for name in names}


def assert_counts(row: Row, **wanted: int) -> None:
    assert {name: row[name] for name in wanted} == wanted


@pytest.mark.parametrize("held", ["lib", "gil"])
def test_all_are_counted_and_live_blocks_are_live(requests: Requests, held: str) -> None:
    # With a large block the end is the highest peak, whatever imports took before.
    row = requests(f"{held}.churn(10000, 100, 700)\nlarge = bytes(1 << 28)")
    assert_counts(
        row,
        allocations=10000,
        allocated_bytes=1_000_000,
        frees=9300,
        live_blocks=700,
        live_bytes=70_000,
        peak_bytes=70_000,
    )


@pytest.mark.parametrize("held", ["lib", "gil"])
def test_each_function_of_the_family_is_told(requests: Requests, held: str) -> None:
    row = requests(f"{held}.each()")
    assert_counts(row, allocations=11, allocated_bytes=9 * 64, live_blocks=11, live_bytes=9 * 64)


@pytest.mark.parametrize("held", ["lib", "gil"])
def test_reallocations_are_one_block(requests: Requests, held: str) -> None:
    row = requests(f"{held}.grow(300, 1000)")
    assert_counts(
        row,
        allocations=300,
        allocated_bytes=sum(range(301)) * 1000,
        live_blocks=0,
        live_bytes=0,
    )


@pytest.mark.parametrize("held", ["lib", "gil"])
def test_what_fails_is_no_allocation(requests: Requests, held: str) -> None:
    row = requests(f"{held}.fail()")
    assert_counts(row, allocations=1, allocated_bytes=100, frees=0, live_blocks=1, live_bytes=100)


def test_blocks_of_threads_without_python_may_be_freed_by_others(requests: Requests) -> None:
    row = requests("lib.hand_over(8, 20000, 40)")
    assert_counts(row, allocations=160_000, allocated_bytes=6_400_000, frees=160_000, live_blocks=0)
    assert row["peak_bytes"] == 6_400_000


@pytest.mark.parametrize("stripped", [False, True])
def test_a_thread_without_python_has_a_root_that_names_its_library(
    bench: Bench, requests_library: Path, tmp_path: Path, stripped: bool
) -> None:
    library = tmp_path / "librequests.so"
    option = "--strip-all" if stripped else "--strip-debug"
    subprocess.run(["strip", option, str(requests_library), "-o", str(library)], check=True)
    bench.write(
        "script.py",
        f"import ctypes, os\nlib = ctypes.CDLL({str(library)!r})\n"
        "lib.hand_over(8, 2000, 40)\nlib.churn(10, 30, 10)\nos._exit(0)\n",
    )
    assert bench.recorded("script.py", options=NATIVE).status == 0
    rows = bench.json("hotspots", "--group", "stack", "-n", "0")["rows"]
    its = [row for row in rows if row["file"] == str(library)]
    found = {tuple(f["function"] for f in row["stack"]): row["allocations"] for row in its}
    # The function is hidden: a table of all symbols has it.
    begin, leaf = (
        ("<thread of librequests.so>", library.name) if stripped else ("<thread fill>", "fill")
    )
    assert found == {(begin, leaf): 16_000, ("<module>", "churn"): 10}
    assert {row["stack"][0]["file"] for row in its if len(row["stack"]) == 2} >= {str(library)}


def test_threads_start_as_they_would(bench: Bench) -> None:
    bench.write("script.py", THREADS)
    assert_same(bench.recorded("script.py", options=NATIVE), bench.native("script.py"))


THREADS = """
import threading, sys
threading.stack_size(1 << 16)
held, done = threading.Event(), []
threads = [threading.Thread(target=lambda n=n: (held.wait(), done.append(n))) for n in range(700)]
for thread in threads: thread.start()
held.set()
for thread in threads: thread.join()
print(sorted(done) == list(range(700)))
threading.stack_size(1 << 40)
try: threading.Thread(target=print).start()
except RuntimeError as error: print(error)
"""


def test_python_threads_at_once_with_and_without_the_gil(requests: Requests) -> None:
    row = requests(
        "import threading\n"
        "def work(held):\n"
        "    for _ in range(50): held.churn(400, 48, 0)\n"
        "all = [threading.Thread(target=work, args=(held,)) for held in (lib, gil) * 4]\n"
        "for one in all: one.start()\n"
        "for one in all: one.join()"
    )
    assert_counts(row, allocations=160_000, allocated_bytes=160_000 * 48, frees=160_000)


def test_a_forked_child_is_not_this_process(requests: Requests) -> None:
    row = requests("assert lib.in_child(500) == 0\nlib.churn(30, 10, 30)")
    assert_counts(row, allocations=30, allocated_bytes=300, frees=0, live_blocks=30)


def test_a_library_that_comes_to_the_place_of_another_is_named(
    bench: Bench, requests_library: Path, tmp_path: Path
) -> None:
    other = tmp_path / "libother.so"
    shutil.copy(requests_library, other)
    bench.write(
        "script.py",
        "import ctypes, os, _ctypes\n"
        f"for name in ({str(requests_library)!r}, {str(other)!r}):\n"
        "    for _ in range(3):\n"
        "        lib = ctypes.CDLL(name)\n"
        "        lib.churn(10, 20, 0)\n"
        "        _ctypes.dlclose(lib._handle)\n"
        "os._exit(0)\n",
    )
    assert bench.recorded("script.py", options=NATIVE).status == 0
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    for library in (requests_library, other):
        assert of_library(rows, library)["allocations"] == 30
        # Which function it was is known, though the library is gone.
        assert {row["function"] for row in rows if row["file"] == str(library)} == {"churn"}


SHAPES = """
#include <cstdlib>
#include <string>
#include <vector>
namespace shapes {
struct Circle { Circle(); static void *copy(int count, const char *name); void *data; };
Circle::Circle() : data(std::malloc(100)) {}
void *Circle::copy(int count, const char *) { return std::malloc(count); }
}
static void *hidden(int count) { return std::malloc(count); }
static void *(*volatile seen)(int) = hidden;
static void *volatile sink;
struct Large { char text[500]; };
extern "C" void make(int count) {
    for (int i = 0; i < count; i++) {
        sink = new Large;
        sink = new char[1000];
        (new std::vector<Large>)->resize(2);
        new std::string(3000, 'x');
    }
}
extern "C" void shape(int count) {
    for (int i = 0; i < count; i++) {
        new shapes::Circle;
        shapes::Circle::copy(1000, "");
        seen(3000);
    }
}
"""


@pytest.fixture(scope="session")
def shapes_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shapes")
    source, library = folder / "shapes.cpp", folder / "libshapes.so"
    source.write_text(SHAPES)
    # Without a table of all symbols: what is hidden has no name then.
    command = [*COMPILER, "-O1", "-fno-inline", "-shared", "-fPIC", "-s", str(source), "-lstdc++"]
    built = subprocess.run([*command, "-o", str(library)], check=False, capture_output=True)
    if b"cc1plus" in built.stderr:  # gcc without the package g++
        pytest.skip("needs a C++ compiler")
    built.check_returncode()
    return library


@pytest.mark.parametrize("held", ["lib", "gil"])
def test_new_is_of_the_library_that_calls_it(bench: Bench, shapes_library: Path, held: str) -> None:
    bench.write(
        "script.py",
        "import ctypes, os\n"
        f"lib, gil = ctypes.CDLL({str(shapes_library)!r}), ctypes.PyDLL({str(shapes_library)!r})\n"
        f"{held}.make(50)\nos._exit(0)\n",
    )
    assert bench.recorded("script.py", options=NATIVE).status == 0
    rows = bench.json("hotspots", "--group", "stack", "-n", "0")["rows"]
    its = [row for row in rows if row["stack"] and row["stack"][0]["line"] == 3]
    found = Counter[str]()
    for row in its:
        found[Path(row["file"]).name] += row["live_bytes"]
    # A vector and a string are 24 and 32 bytes themselves.
    assert found["libshapes.so"] == 50 * (500 + 1000 + 24 + 1000 + 32 + 3001)
    assert not [name for name in found if name.startswith("libstdc++")]


def test_the_function_that_asks_is_named(bench: Bench, shapes_library: Path) -> None:
    library = shapes_library
    bench.write(
        "script.py",
        f"import ctypes, os\nlib = ctypes.CDLL({str(library)!r})\nlib.shape(50)\nos._exit(0)\n",
    )
    assert bench.recorded("script.py", options=NATIVE).status == 0
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    found = {row["function"]: row["live_bytes"] for row in rows if row["file"] == str(library)}
    wanted = {"shapes::Circle::Circle": 5000, "shapes::Circle::copy": 50_000}
    # `new` is of the function that calls it, though the C++ runtime asks.
    assert found == {**wanted, "shape": 50 * 8, library.name: 150_000}
    stacks = bench.json("hotspots", "--group", "stack", "-n", "0")["rows"]
    (stack,) = [row["stack"] for row in stacks if row["function"] == "shapes::Circle::copy"]
    assert [frame["line"] for frame in stack] == [3, 0]
    assert stack[1]["file"] == str(library)


def test_requests_of_python_are_counted_once(bench: Bench) -> None:
    bench.write(
        "script.py",
        "import os\nkept = [bytes(5000) for _ in range(1000)]\ndel kept[:400]\nos._exit(0)\n",
    )
    found = []
    for options in (NATIVE, ("-q", "--no-objects")):
        assert bench.recorded("script.py", options=options).status == 0
        rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
        (row,) = [row for row in rows if row["file"].endswith("script.py") and row["line"] == 2]
        found.append({name: row[name] for name in ("allocations", "allocated_bytes", "frees")})
    assert found[0] == found[1]


def test_small_requests_are_counted_and_others_told(bench: Bench, requests_library: Path) -> None:
    bench.write(
        "script.py",
        f"import ctypes, os\nlib = ctypes.CDLL({str(requests_library)!r})\n"
        "lib.churn(9000, 100, 700); lib.churn(500, 5000, 60); lib.hand_over(4, 1000, 40)\n"
        "lib.grow(30, 100)\n"  # from 100 to 3000 bytes, and gone
        "os._exit(0)\n",
    )
    found = []
    for options in (NATIVE, (*NATIVE, "--native-min", "1KiB")):
        assert bench.recorded("script.py", options=options).status == 0
        (native,) = [row for row in bench.json("summary")["domains"] if row["domain"] == "native"]
        rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
        row = of_library(rows, requests_library)
        found.append((native, row, bench.json("summary")["native_small"]))
    (everything, _, none), (told, row, small) = found
    assert none is None
    # 500 blocks, and what grew to 1100 bytes and more.
    sizes = range(1100, 3001, 100)
    assert_counts(row, allocations=500 + len(sizes), allocated_bytes=2_500_000 + sum(sizes))
    assert_counts(row, frees=440 + 1, live_blocks=60, live_bytes=300_000)
    assert small["least_bytes"] == 1024
    for name in ("allocations", "allocated_bytes"):
        assert small[name] + told[name] == everything[name]
    assert 13_000 < small["allocations"] < small["frees"] + 900
    assert 70_000 <= small["live_bytes"] < 500_000


@pytest.mark.skipif(sys.version_info < (3, 13), reason="from 3.13 on")
def test_objects_on_free_lists_are_no_part_of_a_native_peak(bench: Bench) -> None:
    bench.write(
        "script.py",
        "import os\nfrom memscope import _testing\n"
        "_testing.request_after_deaths(20, 1 << 28)\n"
        "os._exit(0)\n",
    )
    assert bench.recorded("script.py", options=("-q", "--native")).status == 0
    rows = bench.json("hotspots", "--by", "peak_bytes", "--group", "line", "-n", "0")["rows"]
    peaks = {row["line"]: row["peak_bytes"] for row in rows if row["file"].endswith("script.py")}
    # The tuple of arguments lives.
    assert peaks[3] == sys.getsizeof((20, 1 << 28))
    assert sum(row["peak_bytes"] for row in rows) > 1 << 28


ENVIRONMENT = """
import os, subprocess, sys
print(os.environ.get("LD_PRELOAD"))
print([v for v in open("/proc/self/environ", "rb").read().split(b"\\0") if b"_native" in v])
print(subprocess.check_output(["env"], env=None).count(b"_native"))
print([line for line in os.popen("env") if "LD_PRELOAD" in line])
"""


@pytest.mark.parametrize("before", [None, "", "libm.so.6", "libm.so.6:libdl.so.2"])
def test_the_program_finds_its_environment(bench: Bench, before: str | None) -> None:
    bench.write("script.py", ENVIRONMENT)
    environment = {} if before is None else {"LD_PRELOAD": before}
    native = bench.native("script.py", environment=environment)
    recorded = bench.recorded("script.py", options=NATIVE, environment=environment)
    assert_same(recorded, native)


def test_another_preloaded_allocator_goes_on_serving(bench: Bench, requests_library: Path) -> None:
    jemalloc = next(Path("/usr/lib").glob("*/libjemalloc.so.2"), None)
    if jemalloc is None:
        pytest.skip("needs jemalloc")
    bench.write(
        "script.py",
        f"import ctypes, os\nlib = ctypes.CDLL({str(requests_library)!r})\nlib.churn(900, 100, 7)\n"
        "print(hasattr(ctypes.CDLL(None), 'mallctl'), flush=True)\nos._exit(0)\n",
    )
    ran = bench.recorded("script.py", options=NATIVE, environment={"LD_PRELOAD": str(jemalloc)})
    assert (ran.status, ran.stdout) == (0, b"True\n")
    rows = bench.json("hotspots", "--group", "line", "-n", "0")["rows"]
    row = of_library(rows, requests_library)
    assert_counts(row, allocations=900, frees=893, live_bytes=700)


def test_native_memory_is_not_sampled(bench: Bench) -> None:
    bench.write("script.py", "print(1)")
    ran = bench.recorded("script.py", options=("-q", "--native", "--sample", "1MiB"))
    assert ran.status == 1
    assert re.search(rb"--native", ran.stderr)
    assert ran.stdout == b""


def test_advice_names_the_line_of_what_c_code_holds(bench: Bench, requests_library: Path) -> None:
    lines = f"import ctypes\nlib = ctypes.CDLL({str(requests_library)!r})\n"
    bench.write("script.py", lines + "lib.churn(40, 1 << 20, 40)\nlib.churn(9000, 64, 0)\n")
    assert bench.recorded("script.py", options=NATIVE).status == 0
    advised = bench.json("advise")
    assert advised["advice"] == []
    (named,) = [item for item in advised["rejected"] if item["kind"] == "native"]
    assert named["site"]["line"] == 3
    assert "native: 40 MiB" in named["reason"]
    assert requests_library.name in named["reason"]
    told = b" ".join(bench.memscope("advise", str(bench.capture)).stdout.split())
    assert b"hotspots --by peak lists the lines that made the peak" not in told
    assert b"What C code holds is named below" in told
