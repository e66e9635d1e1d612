"""Runs programs by themselves and under memscope, to compare what the world sees of them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

PROGRAMS = Path(__file__).parent / "programs"
PATIENCE_S = 600.0

# What a program under test may inherit: nothing that changes how Python behaves.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("PYTHON", "PYTEST", "COV_", "MEMSCOPE"))
} | {"PYTHONHASHSEED": "0"}

# What memscope says in the end, however quiet, of a program that started others.
UNRECORDED = re.compile(rb"memscope: unrecorded: [^\n]*\n\Z")

Act = Callable[["subprocess.Popen[bytes]"], None]


@dataclass(frozen=True, slots=True)
class Ran:
    """What the world sees of a program that has ended."""

    status: int
    stdout: bytes
    stderr: bytes


def kill_all(pid: int) -> None:
    """Also those that it started: the recorded program outlives memscope."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for victim in [*process.children(recursive=True), process]:
            victim.kill()


def assert_same(recorded: Ran, native: Ran) -> None:
    """Equal to the byte, but for addresses of objects, and the line that tells of processes."""
    assert without_addresses(recorded.stdout) == without_addresses(native.stdout)
    stderr = UNRECORDED.sub(b"", recorded.stderr)
    assert without_addresses(stderr) == without_addresses(native.stderr)
    assert recorded.status == native.status


def without_addresses(output: bytes) -> bytes:
    return re.sub(rb"\b0x[0-9a-f]{6,}\b", b"0x", output)


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a program is started: everything but whether memscope is in between."""

    target: Sequence[str | bytes]
    python_options: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    stdin: bytes | None = b""
    act: Act | None = None
    shell: str = ""  # run by sh, with the command as "$@": for redirections and traps
    popen: dict[str, Any] = field(default_factory=dict)

    def run(self, cwd: Path, before_target: Sequence[str | bytes] = ()) -> Ran:
        command: list[str | bytes] = [sys.executable, *self.python_options, *before_target]
        command += self.target
        if self.shell:
            command = ["/bin/sh", "-c", self.shell, "sh", *command]
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=ENVIRONMENT | self.environment,
            stdin=subprocess.DEVNULL if self.stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **self.popen,
        )
        with process:
            try:
                if self.act is not None:
                    self.act(process)
                stdout, stderr = process.communicate(self.stdin, timeout=PATIENCE_S)
            except BaseException:
                kill_all(process.pid)
                raise
        return Ran(process.returncode, stdout or b"", stderr or b"")


@dataclass(frozen=True, slots=True)
class Bench:
    """A directory to run programs in, and a place outside of it for captures."""

    cwd: Path
    captures: Path

    @property
    def capture(self) -> Path:
        return self.captures / "run.mscope"

    def write(self, name: str, source: str | bytes) -> Path:
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    def native(self, *target: str | bytes, **how: Any) -> Ran:
        return Invocation(target, **how).run(self.cwd)

    def recorded(self, *target: str | bytes, options: Sequence[str] = ("-q",), **how: Any) -> Ran:
        """Runs it under `memscope run`; the capture is in `self.capture` afterwards."""
        self.capture.unlink(missing_ok=True)
        memscope = ["-m", "memscope", "run", "-o", str(self.capture), *options]
        return Invocation(target, **how).run(self.cwd, memscope)

    def same(self, *target: str | bytes, **how: Any) -> Ran:
        """Runs it both ways; the world must not be able to tell which was which."""
        native = self.native(*target, **how)
        recorded = self.recorded(*target, **how)
        assert_same(recorded, native)
        return native

    def same_with(self, options: Sequence[str], *target: str | bytes) -> Ran:
        """The same with options for memscope."""
        native = self.native(*target)
        assert_same(self.recorded(*target, options=["-q", *options]), native)
        return native

    def memscope(self, *arguments: str, **how: Any) -> Ran:
        return Invocation(["-m", "memscope", *arguments], **how).run(self.cwd)

    def json(self, subcommand: str, *arguments: str) -> Any:
        done = self.memscope(subcommand, *arguments, "--json", str(self.capture))
        assert (done.status, done.stderr) == (0, b""), done.stderr.decode()
        return json.loads(done.stdout)
