"""Where the interpreter keeps the functions that start processes, for the recorder to watch."""

from __future__ import annotations

import functools
from contextlib import suppress
from importlib.util import find_spec


@functools.cache
def starters_file() -> str | None:
    """The extension module that starts processes for subprocess; None where it is built in."""
    found = None
    with suppress(Exception):  # programs may put anything into sys.modules and sys.meta_path
        found = find_spec("_posixsubprocess")
    return found.origin if found is not None and found.has_location else None
