"""However suddenly a program dies, its capture holds all that it did, up to the last event.

The oracle is a counter in a file that the program writes after each block: the capture must hold as
many, or the one more that was allocated and not yet counted. MEMSCOPE_DEATHS=200 tries each death
two hundred times instead of twice.
"""

from __future__ import annotations

import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from end_to_end.side_by_side import ENVIRONMENT, Bench

from memscope.capture.reader import load

TIMES = int(os.environ.get("MEMSCOPE_DEATHS", "2"))
BLOCK_BYTES = 3000
LINE_MARK = "# the line"
QUIET = {"shell": 'ulimit -c 0; exec "$@"'}


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    path = tmp_path / "witness"
    path.write_bytes(bytes(8))
    return path


def told(witness: Path) -> int:
    return int.from_bytes(witness.read_bytes(), "little")


def blocks_in(capture: Path, program: str) -> int:
    """Blocks that the witnessed line allocated, without the small ones that it used up."""
    source = Path(program).read_text().splitlines()
    line = next(at for at, text in enumerate(source, 1) if text.endswith(LINE_MARK))
    with load(capture) as opened:
        tables, allocations = opened.tables, opened.totals.allocations
        nodes, codes = tables.nodes, tables.codes
        return sum(
            int(allocations[row])
            for row, node in enumerate(tables.rows.stack)
            if nodes.line[node] == line
            and codes.file[nodes.code[node]] == program
            and tables.rows.size_class[row] == size_class(BLOCK_BYTES + 33)
        )


def size_class(size_bytes: int) -> int:
    """Four for each doubling beyond 512 bytes, as docs/capture-format.md has it."""
    exponent = size_bytes.bit_length() - 1
    return 33 + 4 * (exponent - 9) + (size_bytes >> (exponent - 2) & 3)


def end_of(capture: Path) -> tuple[int | None, int | None, bool]:
    """Exit status, signal, and whether the capture is whole."""
    with load(capture) as opened:
        assert opened.exit is not None
        return opened.exit.status, opened.exit.signal, opened.complete


DEATHS = {
    "exits in a thread": 3,
    "crashes": -signal.SIGSEGV,
    "crashes in a thread": -signal.SIGSEGV,
    "aborts": -signal.SIGABRT,
    "overflows its stack": None,  # a signal, or an exception in newer ones
}


@pytest.mark.parametrize("how", DEATHS)
def test_by_itself(bench: Bench, program: Callable[[str], str], witness: Path, how: str) -> None:
    path = program("witnessed.py")
    for _ in range(TIMES):
        witness.write_bytes(bytes(8))
        ran = bench.recorded(path, str(witness), how, **QUIET)
        assert ran.status == DEATHS[how] or DEATHS[how] is None
        assert blocks_in(bench.capture, path) - told(witness) in (0, 1)
        status, by_signal, complete = end_of(bench.capture)
        assert (-by_signal if by_signal else status) == ran.status
        assert complete


def after(seconds: float, act: Callable[[psutil.Process], None]) -> Callable[..., None]:
    """Waits for the program to be at work, then does something to memscope's process."""

    def wait(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        act(psutil.Process(process.pid))

    return wait


def program_of(memscope: psutil.Process) -> psutil.Process:
    """The recorded program; memscope has another child, which watches the group's signals."""
    (child,) = (it for it in memscope.children() if "/_witness" not in it.exe())
    return child


def kill_the_program(memscope: psutil.Process) -> None:
    program_of(memscope).kill()


def test_killed_at_any_moment(bench: Bench, program: Callable[[str], str], witness: Path) -> None:
    path = program("witnessed.py")
    moments = random.Random(7)
    for _ in range(3 * TIMES):
        witness.write_bytes(bytes(8))
        ran = bench.recorded(
            path, str(witness), "without end", act=after(moments.uniform(0, 0.3), kill_the_program)
        )
        assert ran.status == -signal.SIGKILL
        assert blocks_in(bench.capture, path) - told(witness) in (0, 1)
        assert end_of(bench.capture) == (None, signal.SIGKILL, True)


def test_by_a_terminal_that_is_closed(
    bench: Bench, program: Callable[[str], str], witness: Path
) -> None:
    path = program("witnessed.py")
    command = [sys.executable, "-m", "memscope", "run", "-q", "-o", str(bench.capture)]
    for _ in range(TIMES):
        bench.capture.unlink(missing_ok=True)
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *command, path, str(witness), "without end"],
            env=ENVIRONMENT,
            cwd=bench.cwd,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        assert os.read(ours, 100).strip() == b"ready"
        time.sleep(0.1)
        os.close(ours)
        assert process.wait(600) != 0
        assert blocks_in(bench.capture, path) - told(witness) in (0, 1)
        assert end_of(bench.capture) == (None, signal.SIGHUP, True)


@pytest.fixture
def small_group() -> Iterator[Path]:
    """A group of processes that may have 200 MiB of memory between them, and no swap."""
    first = Path("/sys/fs/cgroup/memory")
    place = (first if first.exists() else Path("/sys/fs/cgroup")) / f"memscope-{os.getpid()}"
    limit = "memory.limit_in_bytes" if first.exists() else "memory.max"
    try:
        place.mkdir()
        (place / limit).write_text(str(200 << 20))
    except OSError as error:
        pytest.skip(f"no group of processes can be made here: {error.strerror}")
    yield place
    for _ in range(100):
        try:
            place.rmdir()
            return
        except OSError:
            time.sleep(0.1)


def test_by_the_kernel_when_memory_runs_out(
    bench: Bench, program: Callable[[str], str], witness: Path, small_group: Path
) -> None:
    path = bench.write(
        "script.py",
        Path(program("witnessed.py")).read_text().replace("KEPT = 50_000", "KEPT = 10**6"),
    )
    for _ in range(TIMES):
        witness.write_bytes(bytes(8))
        ran = bench.recorded(
            str(path),
            str(witness),
            "until memory is gone",
            shell=f'echo $$ > {small_group}/cgroup.procs; exec "$@"',
        )
        assert ran.status == -signal.SIGKILL
        assert blocks_in(bench.capture, str(path)) - told(witness) in (0, 1)
        assert end_of(bench.capture) == (None, signal.SIGKILL, True)


def test_when_memscope_itself_is_killed_the_program_goes_on(
    bench: Bench, program: Callable[[str], str], witness: Path
) -> None:
    path = program("witnessed.py")
    for _ in range(TIMES):
        witness.write_bytes(bytes(8))
        before: list[int] = []

        def kill_memscope(memscope: psutil.Process, before: list[int] = before) -> None:
            child = program_of(memscope)
            before.append(told(witness))
            memscope.kill()
            deadline = time.monotonic() + 300
            while told(witness) < before[0] + 10_000:
                assert time.monotonic() < deadline, "the program stands still"
                time.sleep(0.01)
            child.kill()

        ran = bench.recorded(path, str(witness), "without end", act=after(1.5, kill_memscope))
        assert ran.status == -signal.SIGKILL
        # All but what the last windows would have held; a window lasts a sixteenth of the run.
        assert before[0] // 2 < blocks_in(bench.capture, path) <= before[0] + 1
        said = bench.memscope("info", str(bench.capture))
        assert said.status == 0
        assert b"no end" in said.stdout, said.stdout.decode()
