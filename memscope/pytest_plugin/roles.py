"""Which part a file plays while tests run: what runs them, the standard library, or the rest."""

from __future__ import annotations

import os
from enum import Enum

import _pytest
import pluggy

import memscope
from memscope.analysis.origins import Origin, Origins, is_binary
from memscope.capture.description import Meta

# What runs a test is no part of it. Whole directories, so that a project may lie in one that is
# called pytest_something.
_RUNNERS = tuple(
    os.path.dirname(module.__file__ or "/") + "/" for module in (_pytest, pluggy, memscope)
)
_INSTALLED_RUNNERS = (*("pytest/", "pytest_", "xdist/", "execnet/", "anyio/pytest_plugin.py"),)
# They watch tests and never call them, so all that they call is theirs too.
_INSTALLED_WATCHERS = ("coverage/", "memray/")
_SCRIPTS = ("/bin/pytest", "/bin/py.test")


class Role(Enum):
    """Of a file, while a test runs."""

    RUNNER = "runner"
    WATCHER = "watcher"
    STDLIB = "stdlib"  # and generated code, and C's: it plays the part of whoever calls it
    TEST = "test"  # the user's own code and the libraries that it calls


class Roles(dict[str, Role]):
    """Roles by file, found when first asked for."""

    def __init__(self, meta: Meta) -> None:
        super().__init__()
        self._origins = Origins(meta)

    def origin(self, file: str) -> Origin:
        """Whose code it is."""
        return self._origins.of(file)

    def of(self, file: str, function: str) -> Role:
        """Of a function; what a library's own thread does, it does for the test that runs."""
        role = self[file]
        begins = role is Role.STDLIB and function.startswith("<thread ") and is_binary(file)
        return Role.TEST if begins else role

    def __missing__(self, file: str) -> Role:
        _, installed, inside = file.rpartition("-packages/")
        if (
            file.startswith(_RUNNERS)
            or file.endswith(_SCRIPTS)
            or (installed and inside.startswith(_INSTALLED_RUNNERS))
        ):
            role = Role.RUNNER
        elif installed and inside.startswith(_INSTALLED_WATCHERS):
            role = Role.WATCHER
        else:
            origin = self._origins.of(file)
            # Named tuples and data classes of pytest's own are made by code that was generated.
            generated = file.startswith("<") and origin is not Origin.OWN
            follows = generated or origin is Origin.STDLIB or is_binary(file)
            role = Role.STDLIB if follows else Role.TEST
        self[file] = role
        return role
