"""The files that captures go to: opened, named and shown."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from memscope.errors import MemscopeError


def absolute(output: Path) -> Path:
    try:
        return Path(os.path.abspath(output))
    except OSError as error:
        raise MemscopeError(
            f"the capture cannot be written: the working directory: {error.strerror}", output
        ) from error


def shown(path: Path) -> str:
    """A path as people read it: from the working directory, where it lies below that."""
    with suppress(OSError, ValueError):
        return str(path.relative_to(os.getcwd()))
    return str(path)


def open_output(
    output: Path | None, force: bool, remedy: str = "-f overwrites it"
) -> tuple[int, Path]:
    """Open the file a capture goes to; without a name, a draft for `place_output` to name."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
    if output is not None and output.is_dir():
        raise MemscopeError("cannot be written: is a directory", output, "name a file in it")
    try:
        if output is None:
            fd, name = tempfile.mkstemp(".mscope", "memscope-", ".")
            return fd, Path(name)
        fd = os.open(output, flags | (os.O_TRUNC if force else os.O_EXCL), 0o600)
    except FileExistsError as error:
        where = None if output is None else shown(output)
        raise MemscopeError("the file exists already", where, remedy) from error
    except OSError as error:
        where = shown(output) if output is not None else working_directory()
        raise MemscopeError(f"the capture cannot be written: {error.strerror}", where) from error
    return fd, output


def usual_name(name: str, pid: int) -> str:
    """What a capture is called unless somebody says so, without its suffix."""
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[:80]
    return f"memscope-{safe}-{pid}"


def place_output(draft: Path, name: str, pid: int) -> Path:
    """Give a draft its name, `memscope-<name>-<pid>.mscope`; never over another file."""
    for again in range(100):
        suffix = f"-{again}" if again else ""
        path = draft.with_name(f"{usual_name(name, pid)}{suffix}.mscope")
        try:
            os.link(draft, path)
        except FileExistsError:
            continue
        except OSError:  # no hard links here
            if path.exists():
                continue
            with suppress(OSError):
                draft.rename(path)
                return path
            return draft
        draft.unlink()
        return path
    return draft


def own_name() -> str:
    """This process's script as people name it, for the capture's own name."""
    return Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "python"


def working_directory() -> str:
    """Empty where there is none: it may have been removed."""
    with suppress(OSError):
        return os.getcwd()
    return ""
