"""What is to be run: a script, a module or source text, as the interpreter takes it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from memscope.errors import MemscopeError
from memscope.plain import dataclass

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal


@dataclass(frozen=True, slots=True)
class Target:
    """What to run: a script's path, a module's name or source text, and its arguments."""

    kind: Literal["file", "module", "command"]
    value: str
    args: tuple[str, ...] = ()


def check_target(target: Target, output: Path | None = None) -> None:
    """Raise MemscopeError if a script is not there, surely no Python, or where the capture goes."""
    if target.kind != "file":
        return
    from pathlib import Path

    path = Path(target.value)
    if output is not None and output.exists() and path.exists() and output.samefile(path):
        raise MemscopeError("the capture would replace the script", output)
    if not path.exists():
        raise MemscopeError("there is no such script", path, _remedy(target.value))
    if path.is_dir():
        if not (path / "__main__.py").exists() and not (path / "__main__.pyc").exists():
            raise MemscopeError("the directory holds no __main__.py", path)
        return
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise MemscopeError(f"the script cannot be read: {error.strerror}", path) from error
    archive_or_bytecode = start.startswith(b"PK") or path.suffix == ".pyc"
    if b"\0" in start and not archive_or_bytecode:
        raise MemscopeError("this is a binary file, not a Python script", path)


def _remedy(name: str) -> str:
    """What whoever named no script may have meant: an installed command is a script elsewhere."""
    import shlex
    import shutil

    command = shutil.which(name)
    if command is not None:
        with suppress(OSError), open(command, "rb") as file:
            if b"python" in file.readline(4096):
                return f"to record the command: memscope run {shlex.quote(command)}"
    return "for a module use -m"


def name_of(target: Target) -> str:
    """The script as people name it, for the capture's own name."""
    return {
        "file": _stem(target.value) or "program",
        "module": target.value,
        "command": "command",
    }[target.kind]


def _stem(path: str) -> str:
    name = os.path.basename(os.path.normpath(path)) if path else ""
    return "" if name in (".", "..", "/") else os.path.splitext(name)[0]


def main_of(target: Target) -> str:
    """What was started, as captures have it: a path, `-m name` or `-c`."""
    return {"file": target.value, "module": f"-m {target.value}", "command": "-c"}[target.kind]


def command_of(target: Target) -> list[str]:
    switch = {"module": ["-m"], "command": ["-c"], "file": []}[target.kind]
    return ["python", *interpreter_flags(), *switch, target.value, *target.args]


def interpreter_flags() -> list[str]:
    """The flags this interpreter was started with, to be passed on: all before the target."""
    flags: list[str] = []
    words = iter(sys.orig_argv[1:])
    for word in words:
        if not word.startswith("-") or word in ("-", "--") or word[1] in "mc":
            break
        if word.startswith("--"):
            flags.append(word)
            if word == "--check-hash-based-pycs":
                flags.append(next(words, ""))
            continue
        # In a cluster of letters, m and c begin the target, and W and X take the rest or the next
        # word.
        for place, letter in enumerate(word[1:], 1):
            if letter in "mc":
                if place > 1:
                    flags.append(word[:place])
                return flags
            if letter in "WX":
                break
        flags.append(word)
        if word[-1] in "WX" and place == len(word) - 1:
            flags.append(next(words, ""))
    return flags


def path0_of(target: Target) -> str:
    """What the interpreter would put at the head of sys.path."""
    if target.kind == "module":
        return os.getcwd()
    if target.kind == "command":
        return ""
    return os.path.dirname(os.path.realpath(target.value))
