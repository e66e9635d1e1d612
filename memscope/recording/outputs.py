"""The files that captures go to: opened, named and shown."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from memscope.errors import MemscopeError

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path

_REMEDY = "-f overwrites it"


def absolute(output: Path) -> Path:
    from pathlib import Path

    try:
        return Path(os.path.abspath(output))
    except OSError as error:
        raise MemscopeError(
            f"the capture cannot be written: the working directory: {error.strerror}", output
        ) from error


def shown(path: Path | str) -> str:
    """A path as people read it: from the working directory, where it lies below that."""
    from pathlib import Path

    with suppress(OSError, ValueError):
        return str(Path(path).relative_to(os.getcwd()))
    return str(path)


def open_output(output: Path | None, force: bool, remedy: str = _REMEDY) -> tuple[int, Path]:
    """Open the file a capture goes to; without a name, a draft for `place_output` to name."""
    from pathlib import Path

    fd, path = open_file(None if output is None else str(output), force, remedy)
    return fd, Path(path)


def open_file(output: str | None, force: bool, remedy: str = _REMEDY) -> tuple[int, str]:
    """The same by names."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
    if output is not None and os.path.isdir(output):
        raise MemscopeError("cannot be written: is a directory", output, "name a file in it")
    try:
        if output is None:
            return _open_draft()
        fd = os.open(output, flags | (os.O_TRUNC if force else os.O_EXCL), 0o600)
    except FileExistsError as error:
        where = None if output is None else shown(output)
        raise MemscopeError("the file exists already", where, remedy) from error
    except OSError as error:
        where = shown(output) if output is not None else working_directory()
        raise MemscopeError(f"the capture cannot be written: {error.strerror}", where) from error
    return fd, output


def _open_draft() -> tuple[int, str]:
    """A file of a name that nobody has, in the working directory."""
    while True:
        path = os.path.abspath(f"memscope-{os.urandom(5).hex()}.mscope")
        with suppress(FileExistsError):
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), path


def usual_name(name: str, pid: int) -> str:
    """What a capture is called unless somebody says so, without its suffix."""
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[:80]
    return f"memscope-{safe}-{pid}"


def place_output(draft: Path, name: str, pid: int) -> Path:
    """Give a draft its name, `memscope-<name>-<pid>.mscope`; never over another file."""
    from pathlib import Path

    return Path(place_file(str(draft), name, pid))


def place_file(draft: str, name: str, pid: int) -> str:
    """The same by names."""
    for again in range(100):
        suffix = f"-{again}" if again else ""
        path = beside(draft, f"{usual_name(name, pid)}{suffix}.mscope")
        try:
            os.link(draft, path)
        except FileExistsError:
            continue
        except OSError:  # no hard links here
            if os.path.exists(path):
                continue
            with suppress(OSError):
                os.rename(draft, path)
                return path
            return draft
        os.unlink(draft)
        return path
    return draft


def beside(path: str, name: str) -> str:
    """The file of another name in the same directory."""
    return os.path.join(os.path.dirname(path), name)


def own_name() -> str:
    """This process's script as people name it, for the capture's own name."""
    from pathlib import Path

    return Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "python"


def working_directory() -> str:
    """Empty where there is none: it may have been removed."""
    with suppress(OSError):
        return os.getcwd()
    return ""
