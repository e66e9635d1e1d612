"""Of each process that cannot be attached to, the version, right or state that is the reason."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from memscope.errors import MemscopeError
from memscope.recording import attachable

CONTAINER = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]


@contextmanager
def named(executable: Path, *before: str) -> Iterator[subprocess.Popen[bytes]]:
    """A shell whose executable is called so: the name says which Python a process runs."""
    shutil.copy(Path("/bin/sh").resolve(), executable)
    with subprocess.Popen(
        [*before, str(executable), "-c", "echo $$; read line"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip().isdigit()
        try:
            yield process
        finally:
            process.communicate(b"\n")


def refusal(pid: int) -> str:
    with pytest.raises(MemscopeError) as refused:
        attachable.check_remote(pid, attachable.check_process(pid))
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("python3.9", "runs Python 3.9 and does not listen: before 3.14 that is needed"),
        ("python3.99", "runs Python 3.99, and this memscope runs on 3."),
        ("python3.99", "attach with the memscope of Python 3.99"),
        ("python3.13t", "runs free-threaded Python 3.13t, which memscope does not record"),
        ("python3x", "is not a Python process: "),
    ],
)
def test_another_version_is_told(tmp_path: Path, name: str, reason: str) -> None:
    with named(tmp_path / name) as process:
        assert reason in refusal(process.pid)


def test_one_that_has_ended_and_is_still_there_is_told() -> None:
    with subprocess.Popen([sys.executable, "-Ic", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert "has ended, and nobody has waited for it" in refusal(process.pid)


def test_one_in_a_container_is_told(tmp_path: Path) -> None:
    made = subprocess.run([*CONTAINER, "true"], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no pid namespace can be made here")
    with named(tmp_path / "python3.14", *CONTAINER) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        assert "is in a container or has another" in refusal(int(children.read_text()))


def test_one_that_lets_nobody_look_into_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may look all the same, so the kernel's answer is made up."""
    readlink = os.readlink

    def forbidden(path: str | Path) -> str:
        if str(path).endswith("/exe"):
            raise PermissionError(path)
        return readlink(path)

    with named(tmp_path / "other") as process:
        monkeypatch.setattr(os, "readlink", forbidden)
        monkeypatch.setattr(attachable, "interpreter_of", lambda pid: None)
        assert "may not be looked into: it takes CAP_SYS_PTRACE" in refusal(process.pid)


def test_one_that_is_stopped_is_told(tmp_path: Path) -> None:
    with named(tmp_path / "python3.14") as process:
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        told = attachable.what_it_does(process.pid)
        process.send_signal(signal.SIGCONT)
    assert told == "it is stopped (SIGCONT lets it go on)"
    assert attachable.what_it_does(process.pid) == "it has ended"


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        ("0", "it takes CAP_SYS_PTRACE, as where"),
        ("1", "kernel.yama.ptrace_scope is 1: its ancestors may"),
        ("2", "kernel.yama.ptrace_scope is 2: it takes CAP_SYS_PTRACE"),
        ("3", "kernel.yama.ptrace_scope is 3: nobody may"),
        (None, "it takes CAP_SYS_PTRACE, as where"),
    ],
)
def test_what_the_kernel_forbids_is_told(
    monkeypatch: pytest.MonkeyPatch, scope: str | None, reason: str
) -> None:
    """Of a kernel that says so: few tests run where one does."""
    read_text = Path.read_text

    def as_there(path: Path, *how: str) -> str:
        if path.name != "ptrace_scope":
            return read_text(path, *how)
        if scope is None:
            raise FileNotFoundError(path)
        return f"{scope}\n"

    def forbidden(pid: int, script: str) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "read_text", as_there)
    monkeypatch.setattr(sys, "is_remote_debug_enabled", lambda: True, raising=False)
    monkeypatch.setattr(sys, "remote_exec", forbidden, raising=False)
    with pytest.raises(MemscopeError) as refused:
        attachable.run_script(4711)
    assert str(refused.value).startswith(f"process 4711 may not be debugged: {reason}")


@pytest.mark.skipif(sys.version_info < attachable.REMOTE, reason="from 3.14 on")
@pytest.mark.parametrize(
    ("options", "variables", "reason"),
    [
        (["-X", "disable-remote-debug"], {}, "it was started with -X disable-remote-debug"),
        ([], {"PYTHON_DISABLE_REMOTE_DEBUG": "1"}, "PYTHON_DISABLE_REMOTE_DEBUG is set in its"),
    ],
)
def test_a_python_that_may_not_debug_others_is_told(
    options: list[str], variables: dict[str, str], reason: str
) -> None:
    code = "from memscope.recording.attachable import run_script; run_script(1)"
    done = subprocess.run(
        [sys.executable, *options, "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"this Python may not debug others: {reason}" in done.stderr
