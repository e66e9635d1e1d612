"""The names that pytest needs to tell of a failure, for a moment as they were before the tests.

A test may patch `os.name`, and pytest itself cannot tell of any failure while it is patched. Where
the failure is memscope's doing, that would be memscope's harm.
"""

from __future__ import annotations

import os
import pathlib
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_OWNERS: tuple[Any, ...] = (os, posixpath, pathlib.Path)
_BEFORE = [dict(vars(owner)) for owner in _OWNERS]


@contextmanager
def untouched() -> Iterator[None]:
    """Within, the functions and constants of os, os.path and Path are those of the start."""
    patched = [
        (owner, name, value)
        for owner, before in zip(_OWNERS, _BEFORE, strict=True)
        for name, value in dict(vars(owner)).items()
        if name not in before or before[name] is not value
    ]
    removed = [
        (owner, name, before[name])
        for owner, before in zip(_OWNERS, _BEFORE, strict=True)
        for name in before.keys() - vars(owner).keys()
    ]
    for owner, name, _ in patched:  # a name that was inherited before has become its own
        delattr(owner, name)
    for owner, before in zip(_OWNERS, _BEFORE, strict=True):
        for name in before.keys() - vars(owner).keys():
            setattr(owner, name, before[name])
    try:
        yield
    finally:
        for owner, name, _ in removed:
            delattr(owner, name)
        for owner, name, value in patched:
            setattr(owner, name, value)
