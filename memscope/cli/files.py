"""Files that subcommands write: whole or not at all, and never over what was there unasked."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from memscope.errors import MemscopeError


@contextmanager
def opened(place: Path, source: Path, force: bool) -> Iterator[BinaryIO]:
    """The stream to write to; a file that could not be written to its end is not left behind.

    `source` is the capture that it is about, which is never replaced.
    """
    with _explained(place):
        if _is_special(place):  # such as /dev/null, or a pipe that the shell made
            with place.open("wb") as stream:
                yield stream
            return
        if place.is_dir():
            raise MemscopeError("cannot be written: is a directory", place, "name a file in it")
        if place.exists():
            if source.exists() and place.samefile(source):
                raise MemscopeError("is the capture itself", place, "name another file")
            if not force:
                raise MemscopeError("the file exists already", place, "--force replaces it")
        draft = place.with_name(f".memscope-{os.getpid()}.part")
        try:
            with draft.open("xb") as stream:
                yield stream
            if force:
                draft.replace(place)
            else:
                _name(draft, place)
        finally:
            with suppress(OSError):
                draft.unlink()


def _name(draft: Path, place: Path) -> None:
    """Gives a draft its name, unless another file has taken it meanwhile."""
    try:
        place.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # no hard links here
        draft.rename(place)


def _is_special(place: Path) -> bool:
    if not place.exists():
        return False
    mode = place.stat().st_mode
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise MemscopeError(f"cannot be written: {reason.lower()}", place) from None
