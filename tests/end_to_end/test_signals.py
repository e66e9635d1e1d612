"""Signals reach the recorded program as often as they reach it without memscope.

Each test sends the same to a program that counts what it gets, by itself and under `memscope run`.
"""

from __future__ import annotations

import ctypes
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil
import pytest
from end_to_end.side_by_side import ENVIRONMENT, PATIENCE_S, PROGRAMS, Bench, kill_all

# From a signal to the next, and to the end: much longer than memscope takes to tell what it is.
PAUSE_S = 0.5
# The terminal's processes are started by a fork of this one, which has threads under pytest-xdist.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
Send = Callable[["subprocess.Popen[str]", int], None]


def told(
    bench: Bench,
    recorded: bool,
    send: Send,
    arguments: Sequence[str] = (),
    before: Sequence[str] = (),
    **popen: object,
) -> tuple[str, int]:
    """What the program says it got, and the status that its parent sees."""
    over = bench.cwd / "over"
    over.unlink(missing_ok=True)
    memscope = ["-m", "memscope", "run", "-q", "-f", "-o", str(bench.capture)] if recorded else []
    command = [*before, sys.executable, *memscope, str(PROGRAMS / "counting.py"), *arguments]
    process = subprocess.Popen(
        command,
        cwd=bench.cwd,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        **{"process_group": 0, **popen},  # type: ignore[call-overload]
    )
    try:
        assert process.stdout is not None
        ready, pid = process.stdout.readline().split()
        assert ready == "ready"
        send(process, int(pid))
        time.sleep(PAUSE_S)
        over.touch()
        out, _ = process.communicate(timeout=PATIENCE_S)
    except BaseException:
        kill_all(process.pid)
        raise
    return out, process.returncode


def assert_same(bench: Bench, send: Send, *arguments: str, **how: object) -> str:
    """Sends it both ways; what the program got without memscope."""
    native = told(bench, False, send, arguments, **how)  # type: ignore[arg-type]
    assert told(bench, True, send, arguments, **how) == native  # type: ignore[arg-type]
    return native[0]


def signals(*names: str) -> list[int]:
    return [getattr(signal, f"SIG{name}") for name in names]


ALL = signals("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "WINCH", "CONT", "ABRT",
              "VTALRM", "PROF", "URG", "IO", "TSTP", "TTIN", "PWR", "SEGV", "PIPE")  # fmt: skip


def gap_s(number: int) -> float:
    """How long to wait after it: a stop takes a SIGCONT away that has not been handled yet."""
    return PAUSE_S if number == signal.SIGCONT else 0.01


def test_to_memscope_alone(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        for number in ALL:
            process.send_signal(number)
            time.sleep(gap_s(number))

    assert assert_same(bench, send).count("1)") == len(ALL)


def test_to_the_group(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        for number in ALL:
            os.killpg(process.pid, number)
            time.sleep(gap_s(number))

    assert assert_same(bench, send).count("1)") == len(ALL)


@pytest.mark.slow
def test_again_and_again(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        for number in signals("USR1", "TERM", "USR1", "HUP"):
            process.send_signal(number)
            time.sleep(PAUSE_S)
            os.killpg(process.pid, number)
            time.sleep(PAUSE_S)
            process.send_signal(number)
            time.sleep(PAUSE_S)

    assert "('SIGUSR1', 6)" in assert_same(bench, send)


@pytest.mark.parametrize("name", ["TERM", "USR1", "CONT", "HUP"])
def test_from_the_program_to_its_group(bench: Bench, name: str) -> None:
    out = assert_same(bench, lambda process, pid: None, "killpg", name)
    assert f"('SIG{name}', 1)" in out


@pytest.mark.slow
def test_to_each_process_in_turn_as_a_service_manager_does(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        everybody = [process.pid, *(c.pid for c in psutil.Process(process.pid).children(True))]
        for number in signals("TERM", "CONT", "HUP"):
            for each in everybody:
                os.kill(each, number)
            time.sleep(PAUSE_S)
            for each in reversed(everybody):
                os.kill(each, number)
            time.sleep(PAUSE_S)

    assert "('SIGTERM', 2)" in assert_same(bench, send)


def test_to_all_whose_command_line_names_the_script(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        pattern = f"counting.py marked-{bench.cwd.parent.name}"
        subprocess.run(["pkill", "-USR1", "-f", pattern], check=True)

    out = assert_same(bench, send, f"marked-{bench.cwd.parent.name}")
    assert "('SIGUSR1', 1)" in out


def test_queued_ones_keep_their_number_and_order(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        libc = ctypes.CDLL(None)
        for value in range(40):
            number = signal.SIGRTMIN + (0 if value < 20 else 3)
            libc.sigqueue(process.pid, number, ctypes.c_void_p(value))
        time.sleep(PAUSE_S)
        for _ in range(5):
            os.killpg(process.pid, signal.SIGRTMIN)
            os.kill(process.pid, signal.SIGRTMIN)
            time.sleep(0.03)

    out = assert_same(bench, send)
    assert out.count(str(int(signal.SIGRTMIN))) == 30


def from_timeout(process: subprocess.Popen[str], pid: int) -> None:
    os.kill(process.pid, signal.SIGTERM)  # as its alarm does: the child, then the group
    time.sleep(PAUSE_S)


def test_under_timeout(bench: Bench) -> None:
    """Each comes twice at once: the kernel makes one of them where the first still waits."""
    for recorded in (False, True):
        out, status = told(bench, recorded, from_timeout, before=["timeout", "600"])
        assert status == 0
        assert re.fullmatch(r"\[\('SIGCONT', [12]\), \('SIGTERM', [12]\)\] \[\]\n", out), out


def test_under_timeout_outside_its_group(bench: Bench) -> None:
    out = assert_same(bench, from_timeout, "own-group", before=["timeout", "600"])
    assert "('SIGTERM', 1)" in out


@pytest.mark.slow
def test_an_alarm_that_was_set_before(bench: Bench) -> None:
    start = "import os, signal, sys; signal.alarm(3); os.execv(sys.argv[1], sys.argv[1:])"
    out = assert_same(
        bench, lambda process, pid: time.sleep(3), before=[sys.executable, "-c", start]
    )
    assert "('SIGALRM', 1)" in out


def test_what_nohup_ignores(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        process.send_signal(signal.SIGHUP)
        os.killpg(process.pid, signal.SIGHUP)

    out = assert_same(bench, send, "default-HUP", before=["nohup"])
    assert "SIGHUP" not in out


def test_in_a_session_of_its_own(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        os.killpg(process.pid, signal.SIGTERM)
        time.sleep(PAUSE_S)
        process.send_signal(signal.SIGHUP)

    out = assert_same(bench, send, process_group=None, start_new_session=True)
    assert "[('SIGHUP', 1), ('SIGTERM', 1)]" in out


class Terminal:
    """A program that is started in a terminal of its own, as the leader of its session."""

    def __init__(self, bench: Bench, command: Sequence[str]) -> None:
        (bench.cwd / "over").unlink(missing_ok=True)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(bench.cwd)
            os.execve(command[0], command, {**ENVIRONMENT, "PS1": "$ ", "TERM": "dumb"})
        self.seen = ""

    def wait_for(self, what: str) -> str:
        """Read until the text is there; what came before it, which is not looked at again."""
        until = time.monotonic() + 60
        while what not in self.seen:
            assert select.select([self.fd], [], [], until - time.monotonic())[0], self.seen
            try:
                self.seen += os.read(self.fd, 1 << 16).decode()
            except OSError:
                raise AssertionError(self.seen) from None
        before, _, self.seen = self.seen.partition(what)
        return before

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())
        time.sleep(PAUSE_S)

    def close(self) -> int:
        """Take the terminal away; the status of what ran in it."""
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill(self) -> None:
        with suppress(ChildProcessError):
            kill_all(self.pid)


def commands(bench: Bench, *arguments: str) -> list[list[str]]:
    """The program by itself, and recorded."""
    program = [str(PROGRAMS / "counting.py"), *arguments]
    memscope = ["-m", "memscope", "run", "-q", "-f", "-o", str(bench.capture)]
    return [[sys.executable, *program], [sys.executable, *memscope, *program]]


def counts_in(text: str) -> str:
    found = re.search(r"\[[(\]].*", text)
    return found[0].strip() if found else text


def test_keys_on_the_terminal_of_its_session(bench: Bench) -> None:
    told = []
    for command in commands(bench):
        terminal = Terminal(bench, command)
        try:
            terminal.wait_for("ready")
            for key in "\x03\x1c\x1a\x03":  # the interrupt twice, quit, and stop
                terminal.type(key)
            (bench.cwd / "over").touch()
            told.append(counts_in(terminal.wait_for("] []")))
            terminal.close()
        finally:
            terminal.kill()
    assert told[0] == "[('SIGINT', 2), ('SIGQUIT', 1), ('SIGTSTP', 1)"
    assert told[1] == told[0]


@pytest.mark.parametrize("handled", [True, False])
def test_a_shell_that_stops_it_and_has_it_go_on(bench: Bench, handled: bool) -> None:
    """Where the program handles the key itself, nobody stops."""
    told = []
    for command in commands(bench, *([] if handled else ["default-TSTP"])):
        shell = Terminal(bench, ["/bin/bash", "--norc", "--noediting", "-i"])
        try:
            shell.wait_for("$ ")
            shell.type(" ".join(command) + "\n")
            shell.wait_for("ready")
            shell.type("\x1a")
            if not handled:
                shell.wait_for("Stopped")
                shell.type("kill -USR1 %1\n")
                shell.type("bg\n")
                shell.type("kill -USR1 %1\n")
                shell.type("jobs\n")
                shell.wait_for("Running")
                shell.type("kill -STOP %1\n")
                shell.type("\n")
                shell.type("fg\n")
                shell.type("\x1a")
                shell.wait_for("Stopped")
                shell.type("fg\n")
            shell.type("\x03")
            (bench.cwd / "over").touch()
            told.append(counts_in(shell.wait_for("] []")))
            shell.type("echo status $?\n")
            shell.wait_for("status 0")
        finally:
            shell.kill()
    if handled:
        assert told[0] == "[('SIGINT', 1), ('SIGTSTP', 1)"
    else:
        assert told[0] == "[('SIGCONT', 3), ('SIGINT', 1), ('SIGUSR1', 2)"
    assert told[1] == told[0]


def test_a_terminal_that_goes_away(bench: Bench) -> None:
    told = []
    for command in commands(bench):
        result = bench.cwd / "result"
        terminal = Terminal(bench, ["/bin/sh", "-c", f'exec "$@" > {result}', "sh", *command])
        while not (result.exists() and result.read_text().startswith("ready")):
            time.sleep(0.05)
        time.sleep(PAUSE_S)
        os.close(terminal.fd)
        time.sleep(PAUSE_S)
        (bench.cwd / "over").touch()
        status = os.waitpid(terminal.pid, 0)[1]
        told.append((status, counts_in(result.read_text())))
        result.unlink()
    assert told[0] == (0, "[('SIGCONT', 1), ('SIGHUP', 1)] []")
    assert told[1] == told[0]


def state_of(pid: int) -> str:
    return psutil.Process(pid).status()


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_stop_of_memscope_alone_stops_the_program(bench: Bench) -> None:
    def send(process: subprocess.Popen[str], pid: int) -> None:
        for _ in range(2):
            process.send_signal(signal.SIGSTOP)
            wait_until(lambda: state_of(pid) == psutil.STATUS_STOPPED)
            time.sleep(PAUSE_S)
            process.send_signal(signal.SIGCONT)
            wait_until(lambda: state_of(pid) != psutil.STATUS_STOPPED)
            time.sleep(PAUSE_S)

    assert "[('SIGCONT', 2)]" in assert_same(bench, send)


def test_whoever_has_the_program_alone_go_on_has_memscope_go_on(bench: Bench) -> None:
    """It stops with its program, for whoever watches its group; here nobody does."""

    def send(process: subprocess.Popen[str], pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: state_of(process.pid) == psutil.STATUS_STOPPED)
        time.sleep(PAUSE_S)
        os.kill(pid, signal.SIGCONT)
        wait_until(lambda: state_of(process.pid) != psutil.STATUS_STOPPED)

    assert "[('SIGCONT', 1)]" in assert_same(bench, send)


def test_to_its_parent(bench: Bench) -> None:
    """A program that says to its parent that it is ready reaches the parent that it has alone."""
    source = (
        "import signal, subprocess, sys\n"
        "got = []\n"
        "signal.signal(signal.SIGUSR2, lambda number, frame: got.append(number))\n"
        "status = subprocess.call(sys.argv[1:])\n"
        "print(len(got), status, flush=True)\n"
    )
    out = assert_same(bench, lambda process, pid: None, "parent", "USR2",
                      before=[sys.executable, "-c", source])  # fmt: skip
    assert out == "[] []\n1 0\n"


# As a container's first process; the program's signals, and who sends them from inside.
CONTAINER = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child",
             "--mount-proc"]  # fmt: skip


def makes_containers() -> bool:
    """Whether namespaces can be made here: not from within a changed root."""
    return subprocess.run([*CONTAINER, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("ignoring", [[], ["default-TERM", "default-QUIT"]])
def test_the_first_process_of_a_container(bench: Bench, ignoring: list[str]) -> None:
    if not makes_containers():
        pytest.skip("no pid namespace can be made here")

    def send(process: subprocess.Popen[str], pid: int) -> None:
        (first,) = psutil.Process(process.pid).children()
        for number in signals("TERM", "QUIT", "HUP"):
            os.kill(first.pid, number)
            time.sleep(0.02)

    out = assert_same(bench, send, *ignoring, before=CONTAINER)
    assert ("SIGTERM" in out) is not bool(ignoring)
    assert "('SIGHUP', 1)" in out
