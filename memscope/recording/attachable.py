"""Whether a process can be attached to; if not, which version, right or setting is the reason."""

from __future__ import annotations

import os
import pwd
import re
import sys
from contextlib import suppress
from pathlib import Path

from memscope.errors import MemscopeError
from memscope.plain import dataclass
from memscope.recording.meta import prefixes

REMOTE = (3, 14)  # the first version that runs a script for another process
_HEARD_BY = "memscope_listen.pth"  # MEMSCOPE_LISTEN=1; an editable installation has none
_SCRIPT = Path(__file__).with_name("_attach.py")
_NAMES = (
    re.compile(r"libpython(3)\.(\d+)(t?)d?\.so"),
    re.compile(r"/python(3)\.(\d+)(t?)d?\Z"),
    re.compile(r"\.cpython-(3)(\d+)(t?)d?-[\w-]+\.so\Z"),
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Which Python runs in a process, by the names of the files that it has mapped."""

    version: tuple[int, int]
    threaded: bool  # free-threaded

    @property
    def text(self) -> str:
        return f"{self.version[0]}.{self.version[1]}"


def check_process(pid: int) -> Interpreter:
    """Raise MemscopeError where it is no process of this user's that could be attached to."""
    process = Path(f"/proc/{pid}")
    try:
        owner = process.stat().st_uid
        status = (process / "status").read_text()
    except OSError:
        raise MemscopeError(f"there is no process {pid}") from None
    if "\nState:\tZ" in status:
        raise MemscopeError(f"process {pid} has ended, and nobody has waited for it")
    if owner != os.geteuid():
        name = _user(owner)
        raise MemscopeError(
            f"process {pid} is of another user, {name}", None, f"attach as {name}, as by sudo -u"
        )
    if pid == os.getpid():
        raise MemscopeError("this is memscope attach itself")
    interpreter = interpreter_of(pid)
    if interpreter is None and _is_guarded(process):
        raise MemscopeError(
            f"process {pid} may not be looked into: it takes CAP_SYS_PTRACE, as where a process has"
            " other rights than its user, or forbids it (PR_SET_DUMPABLE)"
        )
    if interpreter is None:
        raise MemscopeError(f"process {pid} is not a Python process: {_name_of(pid)}")
    if interpreter.threaded:
        raise MemscopeError(
            f"process {pid} runs free-threaded Python {interpreter.text}t, which memscope does not"
            " record"
        )
    if _is_elsewhere(process, status):
        raise MemscopeError(
            f"process {pid} is in a container or has another view of the files",
            None,
            "run memscope attach in there",
        )
    return interpreter


def check_remote(pid: int, interpreter: Interpreter) -> None:
    """Raise MemscopeError where no script can be run in a process by `sys.remote_exec`."""
    here = sys.version_info[:2]
    if interpreter.version < REMOTE:
        raise MemscopeError(
            f"process {pid} runs Python {interpreter.text} and does not listen: before 3.14 that is"
            " needed",
            None,
            _how_to_listen(),
        )
    if interpreter.version != here:
        raise MemscopeError(
            f"process {pid} runs Python {interpreter.text}, and this memscope runs on"
            f" {here[0]}.{here[1]}",
            None,
            f"attach with the memscope of Python {interpreter.text}",
        )


def _how_to_listen() -> str:
    heard = any((Path(place) / _HEARD_BY).exists() for place in prefixes()["site"])
    return "memscope.listen() in the program" + (
        ", or MEMSCOPE_LISTEN=1 at its start"
        if heard
        else "; MEMSCOPE_LISTEN=1 has no effect where memscope is installed with pip install -e"
    )


def run_script(pid: int) -> None:
    """Have the process let somebody in, as soon as its main thread is in Python code.

    Raises MemscopeError with the reason where it cannot be asked.
    """
    if not sys.is_remote_debug_enabled():  # type: ignore[attr-defined, unused-ignore]
        raise MemscopeError(
            "this Python may not debug others: "
            + (_why_disabled(os.getpid()) or "it was built without remote debugging")
        )
    try:
        sys.remote_exec(pid, str(_SCRIPT))  # type: ignore[attr-defined, unused-ignore]
    except PermissionError:
        raise MemscopeError(f"process {pid} may not be debugged: {_why_not_traced(pid)}") from None
    except (OSError, RuntimeError) as error:
        if "not enabled" in str(error):
            why = _why_disabled(pid) or "its Python was built without remote debugging"
            raise MemscopeError(f"process {pid} forbids remote debugging: {why}") from None
        raise MemscopeError(f"process {pid} cannot be asked: {error}") from None


def interpreter_of(pid: int) -> Interpreter | None:
    """None: there is no sign of Python in it."""
    names = []
    with suppress(OSError):
        names.append(os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)"))
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/maps").read_text(errors="replace").splitlines():
            names.append(f"/{line.partition('/')[2]}".removesuffix(" (deleted)"))
    for name in dict.fromkeys(names):
        for pattern in _NAMES:
            if found := pattern.search(name):
                version = (int(found[1]), int(found[2]))
                return Interpreter(version, found[3] == "t")
    return None


def what_it_does(pid: int) -> str:
    """Of a process whose main thread does not come: what it is in."""
    with suppress(OSError, IndexError):
        state = Path(f"/proc/{pid}/task/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        known = {
            "S": "its main thread waits in C code or in the kernel",
            "D": "its main thread waits in the kernel",
            "T": "it is stopped (SIGCONT lets it go on)",
            "t": "a debugger holds it",
            "R": "its main thread is in C code",
        }
        return known.get(state, "its main thread does not come back to Python code")
    return "it has ended"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _is_guarded(process: Path) -> bool:
    """Whether the kernel keeps from us what runs in it."""
    try:
        os.readlink(process / "exe")
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def _name_of(pid: int) -> str:
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/exe")
    return "its executable cannot be read"


def _is_elsewhere(process: Path, status: str) -> bool:
    """Whether its numbers or its files are not those that are seen from here."""
    numbers = re.search(r"^NSpid:\s+(.*)$", status, re.MULTILINE)
    if numbers is not None and len(numbers[1].split()) > 1:
        return True
    for path in (Path("/tmp"), _SCRIPT):
        try:
            there, here = os.stat(f"{process}/root{path}"), path.stat()
        except PermissionError:  # who may not look is told so later, with the reason
            continue
        except OSError:
            return True
        if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
            return True
    return False


def _why_not_traced(pid: int) -> str:
    with suppress(OSError):
        scope = Path("/proc/sys/kernel/yama/ptrace_scope").read_text().strip()
        if scope == "1":
            return (
                "kernel.yama.ptrace_scope is 1: its ancestors may, and who has CAP_SYS_PTRACE"
                " (sysctl kernel.yama.ptrace_scope=0, or memscope.listen() in the program)"
            )
        if scope == "2":
            return (
                "kernel.yama.ptrace_scope is 2: it takes CAP_SYS_PTRACE, as root has"
                " (or memscope.listen() in the program)"
            )
        if scope == "3":
            return (
                "kernel.yama.ptrace_scope is 3: nobody may until the next start of the system"
                " (but where the program has called memscope.listen())"
            )
    return "it takes CAP_SYS_PTRACE, as where a process has other rights than its user or a profile"


def _why_disabled(pid: int) -> str:
    with suppress(OSError):
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        if any(each.startswith(b"PYTHON_DISABLE_REMOTE_DEBUG=") for each in variables):
            return "PYTHON_DISABLE_REMOTE_DEBUG is set in its environment"
        if b"disable-remote-debug" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return "it was started with -X disable-remote-debug"
    return ""
