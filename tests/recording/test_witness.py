"""The witness, without Python and with it: it tells what reached it, and looks like the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memscope.recording import witness
from memscope.recording.witness import Witness

WORDS = ["python", "/of/the/program.py", "with its", "words"]
WAYS = ["native", "not there", "not executable", "no program"]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """How the program without Python is found."""
    other = tmp_path / "_witness"
    if request.param == "not executable":
        other.write_bytes(Path(witness.executable()).read_bytes())
    elif request.param == "no program":
        other.write_bytes(b"\0" * 64)
        other.chmod(0o755)
    if request.param != "native":
        monkeypatch.setattr(witness, "executable", lambda: str(other))
    return str(request.param)


@pytest.fixture
def running(way: str) -> Iterator[Witness]:
    started = Witness(WORDS)
    yield started
    started.stop()


def test_it_tells_what_reached_it_and_who_sent_it(running: Witness) -> None:
    assert running.alive
    assert running.receipts() == []
    before_ns = time.monotonic_ns()
    code = f"import os; os.kill({running.pid}, 15); os.kill({running.pid}, 10)"
    sending = subprocess.Popen([sys.executable, "-S", "-c", code])
    assert sending.wait() == 0
    sender = sending.pid
    told = running.receipts()
    assert {(seen.number, seen.code, seen.sender) for seen in told} == {
        (signal.SIGTERM, 0, sender),
        (signal.SIGUSR1, 0, sender),
    }
    assert all(before_ns <= seen.at_ns <= time.monotonic_ns() for seen in told)
    assert not any(seen.delayed for seen in told)


def test_what_memscope_sends_it_is_not_told(running: Witness) -> None:
    os.kill(running.pid, signal.SIGCONT)
    assert running.receipts() == []
    assert running.receipts() == []


def test_its_words_end_with_the_program_s(running: Witness, way: str) -> None:
    running.receipts()  # by now it is executed
    words = Path(f"/proc/{running.pid}/cmdline").read_bytes().split(b"\0")[:-1]
    expected = [os.fsencode(word) for word in WORDS]
    assert words[-3:] == expected[1:]
    assert (words == expected) == (way == "native")


def test_one_without_python_takes_the_program_s_name(tmp_path: Path) -> None:
    running = Witness(WORDS)
    program = os.posix_spawn("/bin/sleep", ["sleep", "60"], os.environ)
    try:
        running.tell(str(program))
        name = Path(f"/proc/{running.pid}/comm")
        while name.read_text() != "sleep\n":
            time.sleep(0.01)
    finally:
        running.stop()
        os.kill(program, signal.SIGKILL)
        os.waitpid(program, 0)


def test_it_is_built_and_used() -> None:
    running = Witness(WORDS)
    try:
        running.receipts()  # by now it is executed
        assert os.readlink(f"/proc/{running.pid}/exe") == os.path.realpath(witness.executable())
    finally:
        running.stop()


def test_it_ends_with_memscope(tmp_path: Path) -> None:
    code = f"from memscope.recording.witness import Witness; print(Witness({WORDS!r}).pid)"
    memscope = [sys.executable, "-c", code]
    done = subprocess.run(memscope, cwd=tmp_path, capture_output=True, check=True)
    while _is_there(int(done.stdout)):
        time.sleep(0.01)


def test_it_ends_though_memscope_was_gone_before_it_could_ask_who_that_is(way: str) -> None:
    """Its parent is then who takes in orphans, and stays; nobody has the other end of its pipe."""
    started = Witness(WORDS)
    pid, records, news = started.descriptors
    os.close(news)
    os.waitpid(pid, 0)
    os.close(records)


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False
