"""Pythons that a program starts: each with a capture of its own under --follow-exec."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from end_to_end.recorded import run_source
from end_to_end.side_by_side import ENVIRONMENT

import memscope

PATIENCE_S = 120.0
BLOCK_BYTES = sys.getsizeof(bytes(1000))
KEEPS = "kept = [bytes(1000) for _ in range({})]; print(len(kept), flush=True)"
SPAWNS = """
import multiprocessing, sys
kept = []
def work(number):
    kept.extend([bytes(1000) for _ in range(number)])
    return len(kept)
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2) as pool:
        print(pool.map(work, [700], chunksize=1))
        pool.close()
        pool.join()
"""


def is_complete(capture: Path) -> bool:
    """A process that outlives the program is recorded on."""
    with memscope.load(capture) as opened:
        return opened.complete


def blocks(capture: Path) -> int:
    """How many blocks as of `bytes(1000)` the source that it ran has allocated."""
    until = time.monotonic() + PATIENCE_S
    while not is_complete(capture):
        assert time.monotonic() < until, capture
    with memscope.load(capture) as opened:
        rows, nodes, codes = opened.tables.rows, opened.tables.nodes, opened.tables.codes
        return sum(
            int(opened.totals.allocations[row])
            for row, node in enumerate(rows.stack)
            if codes.file[nodes.code[node]].endswith(("<string>", "work.py"))
            and opened.totals.allocated_bytes[row] == opened.totals.allocations[row] * BLOCK_BYTES
        )


def roles(directory: Path) -> list[str]:
    """What the captures of children are called, without their process ids."""
    names = [path.stem.removeprefix("main-") for path in directory.glob("main-*.mscope")]
    return sorted(name.rpartition("-")[0] for name in names)


def run(directory: Path, source: str, *options: str) -> subprocess.CompletedProcess[str]:
    return run_source(directory, source, "--no-summary", "--follow-exec", *options)


def test_a_python_that_is_started_has_a_capture_of_its_own(tmp_path: Path) -> None:
    source = (
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {KEEPS.format(300)!r}], check=True)\n"
        f"subprocess.run([sys.executable, '-X', 'dev', '-c', {KEEPS.format(200)!r}], check=True)\n"
        "subprocess.run(['true'], check=True)\n"
    )
    done = run(tmp_path, source)
    assert done.stdout == "300\n200\n"
    assert roles(tmp_path) == ["command", "command"]
    assert sorted(map(blocks, tmp_path.glob("main-*.mscope"))) == [200, 300]
    assert "children are in main-command-" in done.stderr
    assert "unrecorded: 1 spawned process (needs its own memscope run): true" in done.stderr


def test_they_are_named_by_what_they_run(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text("import sys; print(*sys.argv[1:], flush=True)\n")
    source = (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, 'job.py', 'a b'], check=True)\n"
        "subprocess.run([sys.executable, '-m', 'job', 'c'], check=True)\n"
    )
    done = run(tmp_path, source)
    assert done.stdout == "a b\nc\n"
    assert roles(tmp_path) == ["job", "job"]
    mains = []
    for path in tmp_path.glob("main-*.mscope"):
        with memscope.load(path) as capture:
            mains.append((capture.meta.main, list(capture.meta.command[1:])))
    assert sorted(mains) == [("-m job", ["-m", "job", "c"]), ("job.py", ["job.py", "a b"])]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("spawn", ["spawn", "spawn"]),
        ("forkserver", ["forkserver", "forkserver", "forkserver"]),
    ],
)
def test_workers_of_multiprocessing_are_recorded(
    tmp_path: Path, method: str, expected: list[str]
) -> None:
    (tmp_path / "work.py").write_text(SPAWNS)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "memscope", "run", "--no-summary", "--follow-exec"),
            *("-o", "main.mscope", "work.py", method),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert done.stdout == "[700]\n"
    # Nobody waits for the tracker: it may begin when the program has ended, and end after it.
    assert [role for role in roles(tmp_path) if role != "resource_tracker"] == expected
    assert "unrecorded: 2" not in done.stderr
    # One of the workers was given all there was to do. The server of forks ends after the program.
    of_workers = [path for path in tmp_path.glob("main-*.mscope") if "tracker" not in path.name]
    assert sum(blocks(path) >= 700 for path in of_workers) == 1


def test_what_a_child_starts_in_turn_is_recorded_too(tmp_path: Path) -> None:
    inner = f"import os; print('inner'); {KEEPS.format(400)}"
    outer = (
        "import os, subprocess, sys\n"
        f"subprocess.run([sys.executable, '-c', {inner!r}], check=True)\n"
        "pid = os.fork()\n"
        "kept = [bytes(1000) for _ in range(150 if pid else 250)]\n"
        "if pid: os.waitpid(pid, 0)\n"
    )
    done = run(
        tmp_path,
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {outer!r}], check=True)\n",
    )
    assert done.stdout == "inner\n400\n"
    assert roles(tmp_path) == ["command"] * 3
    assert sorted(map(blocks, tmp_path.glob("main-*.mscope"))) == [150, 250, 400]


def test_a_program_that_replaces_itself_is_recorded_on(tmp_path: Path) -> None:
    source = f"import os, sys\nos.execv(sys.executable, ['python', '-c', {KEEPS.format(350)!r}])\n"
    done = run(tmp_path, source)
    assert done.stdout == "350\n"
    (after,) = tmp_path.glob("main-*.mscope")
    assert blocks(after) == 350
    assert "unrecorded" not in done.stderr


LOOKS = (
    "import os, sys\n"
    "print(sys.path, sys.argv, 'sitecustomize' in sys.modules, 'atexit' in sys.modules)\n"
    "print(sorted(set(sys.modules) - {'os.path'}), sorted(sys.path_importer_cache))\n"
    "print(sorted(globals()), os.listdir('/proc/self/fd')[:3])\n"
    "sys.exit(9)\n"
)


@pytest.mark.parametrize("own", ["", "print('my own', __name__)\n", "raise ValueError('mine')\n"])
def test_a_child_finds_what_it_finds_without(tmp_path: Path, own: str) -> None:
    """Also a module `sitecustomize` of the user's, whatever that does."""
    place = tmp_path / "place"
    place.mkdir()
    (tmp_path / "looks.py").write_text(LOOKS)
    if own:
        (place / "sitecustomize.py").write_text(own)
    source = (
        "import os, subprocess, sys\n"
        "given = os.environ.get('PYTHONPATH', '').split(':')\n"
        f"given = [each for each in given if each] + [{str(place)!r}]\n"
        "os.environ['PYTHONPATH'] = ':'.join(given)\n"
        "done = subprocess.run([sys.executable, 'looks.py', 'x'], capture_output=True, text=True)\n"
        "print(done.returncode, done.stdout, done.stderr)\n"
    )
    recorded = run_source(tmp_path, source, "--no-summary", "--follow-exec", env=ENVIRONMENT)
    native = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    assert recorded.stdout == native.stdout
    assert roles(tmp_path) == ["looks"]


def test_a_child_that_cannot_be_recorded_runs_and_is_told(tmp_path: Path) -> None:
    """It reads no environment; or it is given none."""
    source = (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-I', '-c', 'print(1, flush=True)'], check=True)\n"
        "subprocess.run([sys.executable, '-c', 'print(2, flush=True)'], env={}, check=True)\n"
    )
    done = run(tmp_path, source)
    assert done.stdout == "1\n2\n"
    assert roles(tmp_path) == []
    assert "unrecorded: 2 spawned processes (need their own memscope run)" in done.stderr


def test_without_it_the_option_is_told(tmp_path: Path) -> None:
    source = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', ''], check=True)\n"
    done = run_source(tmp_path, source, "--no-summary")
    assert "unrecorded: 1 spawned process (use --follow-exec for Python)" in done.stderr


def test_memscope_run_within_is_recorded_by_itself(tmp_path: Path) -> None:
    source = (
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'memscope', 'run', '-q', '-o', 'inner.mscope', '-c',"
        f" {KEEPS.format(120)!r}], check=True)\n"
    )
    done = run(tmp_path, source)
    assert done.stdout == "120\n"
    assert blocks(tmp_path / "inner.mscope") == 120
    assert roles(tmp_path) == []
