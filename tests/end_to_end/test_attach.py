"""`memscope attach` and `detach`: a process that runs already is recorded, and ends as without."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from end_to_end.attaching import GROWS, PATIENCE_S, REMOTE, Attached, Running, memscope
from end_to_end.side_by_side import ENVIRONMENT

import memscope as package
from memscope.analysis.inventory import inventory
from memscope.errors import MemscopeError
from memscope.recording.attaching import Attachment, AttachOptions

ROOT = Path(__file__).parents[2]
BLOCK_BYTES = sys.getsizeof(bytes(1000))


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Running]:
    running = Running(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.communicate()


def grown(capture: Path) -> int:
    """How many blocks of `bytes(1000)` the line of the program has live."""
    with package.load(capture) as opened:
        rows, nodes = opened.tables.rows, opened.tables.nodes
        return sum(
            int(opened.totals.live_blocks[row])
            for row, node in enumerate(rows.stack)
            if nodes.line[node] == GROWS
            and opened.totals.live_bytes[row] == opened.totals.live_blocks[row] * BLOCK_BYTES
        )


def test_what_is_allocated_from_then_on_until_it_is_left_is_recorded(
    tmp_path: Path, program: Running
) -> None:
    program.do("grow")
    attached = Attached(tmp_path, program.pid)
    program.do("grow")
    program.do("grow")
    left = memscope(tmp_path, "detach", str(program.pid))
    assert (left.returncode, left.stdout) == (0, "")
    assert left.stderr == f"memscope: process {program.pid} is left alone\n"
    program.do("grow")
    program.tell("recorded")
    program.expect("recorded False")
    program.expect("done")
    said = attached.end()
    assert f"process {program.pid} goes on" in said
    assert "5,000  __main__.Order" in said
    assert grown(tmp_path / "out.mscope") == 1000
    assert program.end() == (7, "2000\n", "")


def counted_blocks(program: Running) -> dict[int, int]:
    """Blocks in use by size class, as `sys._debugmallocstats()` prints them."""
    program.do("blocks")
    assert program.process.stderr is not None
    text = "".join(iter(program.process.stderr.readline, "counted\n"))
    rows = re.findall(r"^ *\d+ +(\d+) +\d+ +(\d+) +\d+$", text, re.MULTILINE)
    return {int(size): int(blocks) for size, blocks in rows}


def test_the_inventory_has_the_blocks_that_pymalloc_counts(
    tmp_path: Path, program: Running
) -> None:
    program.do("plant")  # for the first time, which makes what later ones find made
    before = counted_blocks(program)
    program.do("plant")
    after = counted_blocks(program)
    attached = Attached(tmp_path, program.pid)
    memscope(tmp_path, "detach", str(program.pid))
    attached.end()
    with package.load(tmp_path / "out.mscope") as capture:
        found = inventory(capture, limit=1000)
    assert found is not None
    sizes = {kind.name.rpartition(".")[2]: (kind.objects, kind.bytes) for kind in found.types}
    for name, slots in (("Wide", 36), ("Wider", 50)):
        objects, size_bytes = sizes[name]
        # A head of two words, one for each slot, and two of the collector's in front.
        assert (objects, size_bytes) == (6000, 6000 * (16 + 8 * slots + 16))
        size_class = -(-size_bytes // objects // 16) * 16
        assert after[size_class] - before[size_class] == 3000
    # What is in the blocks of pymalloc and no object: tables, code, what C modules keep.
    assert sum(size * blocks for size, blocks in after.items()) > found.bytes / 2


def test_the_process_may_end_meanwhile(tmp_path: Path, program: Running) -> None:
    attached = Attached(tmp_path, program.pid, "--no-summary", "--no-inventory")
    program.do("grow")
    assert program.end() == (7, "500\n", "")
    assert f"process {program.pid} has ended" in attached.end()
    with package.load(tmp_path / "out.mscope") as capture:
        assert capture.end is not None
        assert not capture.moments
    # At its exit the blocks are there still.
    assert grown(tmp_path / "out.mscope") == 500


def test_it_is_left_when_the_time_is_over_and_may_be_attached_to_again(
    tmp_path: Path, program: Running
) -> None:
    for _ in range(3):
        attached = Attached(tmp_path, program.pid, "--seconds", "0")
        program.do("grow")
        attached.end()
    assert program.end() == (7, "1500\n", "")


def test_it_is_left_when_whoever_attached_is_killed(tmp_path: Path, program: Running) -> None:
    attached = Attached(tmp_path, program.pid)
    attached.process.kill()
    attached.process.communicate()
    program.do("grow")
    until = time.monotonic() + PATIENCE_S
    while True:
        program.tell("recorded")
        recorded = program.hear()
        program.expect("done")
        if recorded == "recorded False":
            break
        assert time.monotonic() < until
    again = Attached(tmp_path, program.pid)
    program.do("grow")
    assert memscope(tmp_path, "detach", str(program.pid)).returncode == 0
    again.end()
    assert grown(tmp_path / "out.mscope") == 500
    assert program.end() == (7, "1000\n", "")


def test_a_forked_child_is_not_recorded_and_ends_as_without(
    tmp_path: Path, program: Running
) -> None:
    attached = Attached(tmp_path, program.pid)
    program.tell("fork")
    program.expect("child 5")
    program.expect("done")
    memscope(tmp_path, "detach", str(program.pid))
    attached.end()
    assert grown(tmp_path / "out.mscope") == 0
    assert program.end()[:2] == (7, "0\n")


def test_others_may_ask_meanwhile(tmp_path: Path, program: Running) -> None:
    attached = Attached(tmp_path, program.pid, "--serve", "127.0.0.1:0")
    program.do("grow")
    url = attached.said.partition("serving ")[2].split()[0]
    with urllib.request.urlopen(f"{url}/metrics", timeout=PATIENCE_S) as answer:
        assert b"memscope_live_bytes" in answer.read()
    done = memscope(tmp_path, "snapshot", str(program.pid), "-o", "now.mscope")
    assert done.returncode == 0, done.stderr
    assert grown(tmp_path / "now.mscope") == 500
    memscope(tmp_path, "detach", str(program.pid))
    attached.end()


def test_where_it_listens_the_main_thread_may_be_in_c_code(tmp_path: Path) -> None:
    program = Running(tmp_path, "listen")
    program.tell("blocked")
    program.expect("blocked")
    attached = Attached(tmp_path, program.pid)
    assert memscope(tmp_path, "detach", str(program.pid)).returncode == 0
    attached.end()
    program.do("")
    assert program.end() == (7, "0\n", "")


def test_the_environment_has_any_program_listen(tmp_path: Path) -> None:
    """By a line that the interpreter reads at its start, where packages are installed."""
    site = tmp_path / "site"
    site.mkdir()
    shutil.copy(ROOT / "memscope_listen.pth", site)
    (tmp_path / "sitecustomize.py").write_text(f"import site; site.addsitedir({str(site)!r})")
    source = "import sys; print('memscope' in sys.modules, flush=True); sys.stdin.readline()"
    for value in ("1", "0"):
        environment = {**ENVIRONMENT, "PYTHONPATH": str(tmp_path), "MEMSCOPE_LISTEN": value}
        with subprocess.Popen(
            [sys.executable, "-c", source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"{value == '1'}\n"
            if value == "1":  # its main thread is in a system call
                attached = Attached(tmp_path, process.pid)
                memscope(tmp_path, "detach", str(process.pid))
                attached.end()
            assert process.communicate("\n", timeout=PATIENCE_S) == ("", "")
            assert process.returncode == 0


@pytest.mark.skipif(not REMOTE, reason="from 3.14 on")
def test_a_main_thread_that_does_not_come_is_told_and_nothing_is_left(
    tmp_path: Path, program: Running
) -> None:
    program.tell("blocked")
    program.expect("blocked")
    refused = memscope(tmp_path, "attach", str(program.pid), "--wait", "1s")
    assert refused.returncode == 1
    assert f"process {program.pid} did not come within 1 s: its main thread" in refused.stderr
    program.do("")
    # It has come to itself, and finds nobody.
    program.do("grow")
    attached = Attached(tmp_path, program.pid)
    memscope(tmp_path, "detach", str(program.pid))
    attached.end()
    assert program.end() == (7, "500\n", "")


# ---- refusals ---------------------------------------------------------------------------------


def refusal(directory: Path, pid: int) -> str:
    refused = memscope(directory, "attach", str(pid))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(refused.stderr.splitlines()) == 1, refused.stderr
    assert not list(directory.glob("memscope-*.mscope"))
    return refused.stderr


def test_what_is_no_process_or_no_python_is_told(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        assert f"process {other.pid} is not a Python process: /" in refusal(tmp_path, other.pid)
        other.kill()
    assert f"there is no process {other.pid}" in refusal(tmp_path, other.pid)


def test_a_process_of_another_user_is_told(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        assert "is of another user, root (attach as root" in refusal(tmp_path, 1)
        return
    with subprocess.Popen(["sleep", "600"], user=65534) as other:
        assert "is of another user, nobody (attach as nobody" in refusal(tmp_path, other.pid)
        other.kill()


def test_a_process_that_is_recorded_already_is_told(tmp_path: Path, program: Running) -> None:
    program.do("record")
    assert "it is being recorded already" in refusal(tmp_path, program.pid)
    program.do("stop")
    attached = Attached(tmp_path, program.pid)
    assert "is being recorded already (memscope top" in refusal(tmp_path, program.pid)
    memscope(tmp_path, "detach", str(program.pid))
    attached.end()
    assert program.end() == (7, "0\n", "")


def test_what_memscope_run_records_is_not_attached_to_and_not_left(tmp_path: Path) -> None:
    program = Running(tmp_path, before=["-m", "memscope", "run", "-q", "-o", "run.mscope"])
    program.tell("recorded")
    program.hear()
    program.expect("done")
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
    (recorded,) = (
        int(child) for child in children if "/_witness" not in os.readlink(f"/proc/{child}/exe")
    )
    assert "is being recorded already" in refusal(tmp_path, recorded)
    left = memscope(tmp_path, "detach", str(program.pid))
    assert left.returncode == 1
    assert "recorded by `memscope run`, from its start to its end" in left.stderr
    assert program.end()[0] == 7


def test_a_process_that_may_not_be_asked_says_why(tmp_path: Path) -> None:
    source = "import time; print('ready', flush=True); time.sleep(600)"
    environment = {**os.environ, "PYTHON_DISABLE_REMOTE_DEBUG": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, env=environment
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        said = refusal(tmp_path, other.pid)
        other.kill()
    if REMOTE:
        assert "forbids remote debugging: PYTHON_DISABLE_REMOTE_DEBUG is set" in said
    else:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        assert f"runs Python {version} and does not listen" in said
        is_heard = (Path(sysconfig.get_path("purelib")) / "memscope_listen.pth").exists()
        assert "MEMSCOPE_LISTEN=1 at its start" in said if is_heard else "pip install -e" in said


def test_nobody_to_leave_is_told(tmp_path: Path, program: Running) -> None:
    left = memscope(tmp_path, "detach", str(program.pid))
    assert left.returncode == 1
    assert left.stderr == (
        f"memscope: no memscope of this user is attached to process {program.pid}\n"
    )


def test_a_file_that_exists_is_kept_and_the_process_left_alone(
    tmp_path: Path, program: Running
) -> None:
    (tmp_path / "there.mscope").write_text("kept")
    refused = memscope(tmp_path, "attach", str(program.pid), "-o", "there.mscope")
    assert refused.returncode == 1
    assert "the file exists already" in refused.stderr
    assert (tmp_path / "there.mscope").read_text() == "kept"
    program.do("grow")
    assert program.end() == (7, "500\n", "")


# ---- again and again --------------------------------------------------------------------------

BUSY = """
import sys
if "listen" in sys.argv:
    import memscope
    memscope.listen()
print("ready", flush=True)
import select
total, texts = 0, {}
while not select.select([sys.stdin], [], [], 0)[0]:
    for number in range(1000):
        texts[number % 100] = str(number) * 20
        total += len(texts) == 100 and texts[99].startswith("99")
print(sorted(set(map(len, texts.values()))), total > 0)
sys.exit(3)
"""
SLEEPING = """
import sys, time
if "listen" in sys.argv:
    import memscope
    memscope.listen()
print("ready", flush=True)
import select
while not select.select([sys.stdin], [], [], 0)[0]:
    time.sleep(0.01)
print("slept")
sys.exit(4)
"""
BLOCKED = """
import sys
import memscope
memscope.listen()
print("ready", flush=True)
print(sys.stdin.readline())  # a system call of the main thread's
sys.exit(5)
"""
TIMES = 500


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "out", "status"),
    [
        (BUSY, "[60] True\n", 3),
        (SLEEPING, "slept\n", 4),
        (BLOCKED, "end\n\n", 5),
    ],
    ids=["busy", "sleeping", "blocked"],
)
def test_it_may_be_attached_to_and_left_many_times(
    tmp_path: Path, source: str, out: str, status: int
) -> None:
    words = [] if REMOTE else ["listen"]
    with subprocess.Popen(
        [sys.executable, "-c", source, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        threads = len(os.listdir(f"/proc/{process.pid}/task"))
        fds: set[int] = set()
        for number in range(TIMES):
            how = AttachOptions(
                output=tmp_path / "out.mscope",
                force=True,
                inventory=number % 50 == 0,
                wait_s=PATIENCE_S,
            )
            detached = Attachment(process.pid, how).wait([], 0)
            assert (detached.problem, detached.still) == (None, None)
            fds.add(len(os.listdir(f"/proc/{process.pid}/fd")))
        assert max(fds) - min(fds) <= 2  # the thread that has said "off" is about to close its own
        until = time.monotonic() + PATIENCE_S
        while len(os.listdir(f"/proc/{process.pid}/task")) > threads:
            assert time.monotonic() < until
        left = process.communicate("end\n", timeout=PATIENCE_S)
    assert (process.returncode, *left) == (status, out, "")


def test_nothing_is_left_where_it_cannot_be_attached_to() -> None:
    with pytest.raises(MemscopeError, match="this is memscope attach itself"):
        Attachment(os.getpid(), AttachOptions())
