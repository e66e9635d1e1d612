"""The library that is preloaded into a program, so that its native memory is seen.

It takes itself off the environment before the program's first line (cext/native/environment.c): the
program finds the variable as it would be without us, and what it starts is not preloaded.
"""

from __future__ import annotations

from memscope.errors import MemscopeError

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from pathlib import Path

_VARIABLE = b"LD_PRELOAD"


def library() -> Path:
    """Where the library is. Raises MemscopeError if it is nowhere, or could not be preloaded."""
    from pathlib import Path

    from memscope import _recorder

    recorder = Path(_recorder.__file__ or "")
    found = recorder.with_name(recorder.name.replace("_recorder", "_native", 1))
    if not found.exists():
        raise MemscopeError(
            "native memory cannot be recorded: there is no library to preload",
            str(found),
            "was the extension built?",
        )
    if any(separator in str(found) for separator in ": \t\n"):
        raise MemscopeError(
            "native memory cannot be recorded: no library is preloaded from a path with spaces",
            str(found),
        )
    return found


def check_native(native: bool, sample_bytes: int) -> None:
    """Raise MemscopeError if native memory is wanted and cannot be recorded."""
    if native and sample_bytes:
        raise MemscopeError(
            "native memory is recorded exactly: --native goes without --sample and --budget"
        )
    if native:
        library()


def is_preloaded() -> bool:
    """Whether this process was started with the library in it."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            mapped = file.read()
    except OSError:
        return False
    return str(library()) in mapped


def attach() -> None:
    """Have our library in this process, which runs already. Raises MemscopeError if that fails."""
    from memscope import _recorder

    if not _recorder.native_open(str(library())):
        raise MemscopeError(
            "native memory cannot be recorded in this process, which runs already",
            None,
            "start it with memscope run --native",
        )


def preload(environment: dict[bytes, bytes]) -> None:
    """Have our library preloaded, before those that are."""
    ours = str(library()).encode()
    others = environment.get(_VARIABLE)
    environment[_VARIABLE] = ours if others is None else ours + b":" + others
