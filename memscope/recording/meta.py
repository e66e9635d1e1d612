"""What a capture says of the program and of how it was recorded: its META object."""

from __future__ import annotations

import functools
import json
import os
import platform
import site
import sys
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from memscope.recording.labels import found_labels, labels_in
from memscope.recording.metaprocess import with_process
from memscope.recording.outputs import working_directory
from memscope.version import __version__

if TYPE_CHECKING:
    from memscope.capture.description import Project


class HowToRecord(Protocol):
    """Where a capture goes and what it holds."""

    @property
    def output(self) -> Path | None: ...
    @property
    def force(self) -> bool: ...
    @property
    def sample_bytes(self) -> int: ...
    @property
    def budget_ppm(self) -> int: ...
    @property
    def events(self) -> bool: ...
    @property
    def imports(self) -> bool: ...
    @property
    def objects(self) -> bool: ...
    @property
    def native(self) -> bool: ...
    @property
    def user_code(self) -> tuple[str, ...]:
        """Names of packages, and absolute paths."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Those that were given; the others are found."""

    @property
    def project(self) -> Project | None: ...


def describe(command: list[str], main: str, pid: int, how: HowToRecord) -> bytes:
    """A capture's META object."""
    return with_process(described(command, main, how), pid)


def described(command: list[str], main: str, how: HowToRecord) -> bytes:
    """The same as long as there is no process."""
    # Not above: an interpreter that cannot load it says so when a recording begins, in one line.
    from memscope import _recorder

    meta = {
        "format": 2,
        "memscope": __version__,
        "command": command,
        "main": main,
        "cwd": working_directory(),
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": f"{sys.platform}-{platform.machine()}",
        "allocator": allocator_name(),
        "mode": "budget" if how.budget_ppm else "sampled" if how.sample_bytes else "exact",
        "sample_bytes": how.sample_bytes,
        "budget_ppm": how.budget_ppm,
        "events": how.events,
        "imports": how.imports,
        "objects": how.objects,
        "domains": _recorder.DOMAINS if how.native else _recorder.PYTHON_DOMAINS,
        "prefixes": prefixes(),
        "user_code": how.user_code,
        "project": None if how.project is None else how.project.as_json(),
        "labels": {**found_labels(main, os.environ), **_named_labels(), **how.labels},
        "frozen": _is_frozen(),
        "main_packages": _frozen_main(),
        "cells": _cells(),
    }
    return json.dumps(meta).encode()


def _named_labels() -> dict[str, str]:
    """Those of the environment; none if they are no labels: it is recorded all the same."""
    with suppress(ValueError):
        return labels_in(os.environ)
    return {}


def _is_frozen() -> bool:
    """Whether this program was made of its modules, by PyInstaller or its like."""
    return bool(getattr(sys, "frozen", False))


def _frozen_main() -> list[str]:
    """The name that the script has among the modules of a frozen program."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    if not _is_frozen() or not isinstance(file, str):
        return []
    return [os.path.basename(file).partition(".")[0]]


def _cells() -> dict[str, int]:
    """The numbers of a notebook's cells so far, by file; IPython keeps them for tracebacks."""
    with suppress(Exception):
        shell = sys.modules["IPython"].get_ipython()
        return {str(file): int(cell) for file, cell in shell.compile._filename_map.items()}
    return {}


def _installed_into() -> list[str]:
    """Directories of sys.path that packages were installed into, as by `pip install --target`.

    Not the script's own, where the program lies as well.
    """
    home = os.path.dirname(os.path.abspath(sys.argv[0])) if sys.argv else ""
    found = []
    for path in sys.path:
        with suppress(OSError):
            if path in ("", home) or not os.path.isdir(path) or os.path.samefile(path, "."):
                continue
            if any(name.endswith(".dist-info") for name in os.listdir(path)):
                found.append(os.path.abspath(path))
    return found


@functools.cache
def prefixes() -> dict[str, list[str]]:
    """Directories that tell frames apart: the standard library's and installed packages'."""
    paths = sysconfig.get_paths()
    packages = {paths["purelib"], paths["platlib"]}
    with suppress(AttributeError):  # site may be absent or replaced
        packages.update(site.getsitepackages())
        packages.add(site.getusersitepackages())
    packages.update(_installed_into())
    # A virtual environment has a directory of the second name, in which nothing of Python's lies.
    platform_own = os.path.isdir(os.path.join(paths["platstdlib"], "lib-dynload"))
    return {
        "stdlib": sorted({paths["stdlib"], *([paths["platstdlib"]] if platform_own else [])}),
        "site": sorted(packages),
    }


def allocator_name() -> str:
    """The allocator under the MEM and OBJ domains, as PYTHONMALLOC names it."""
    asked = "" if sys.flags.ignore_environment else os.environ.get("PYTHONMALLOC", "")
    if not asked and sys.flags.dev_mode:
        asked = "debug"
    if asked in ("", "default", "debug"):
        base = "pymalloc" if sysconfig.get_config_var("WITH_PYMALLOC") else "malloc"
        debug = asked == "debug" or bool(sysconfig.get_config_var("Py_DEBUG"))
        return f"{base}_debug" if debug else base
    return asked
