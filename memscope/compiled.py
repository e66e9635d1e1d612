"""Whether the compiled part is that of these Python files: both know the interface of one build."""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from memscope.errors import MemscopeError

OTHER_VERSION = "memscope's compiled part is of another version: reinstall memscope"
# As in setup.py: what the Python files say of the compiled ones.
_DECLARED = ("_recorder.pyi", "capture/_columns.pyi")


def check_compiled(module: ModuleType) -> None:
    """Raise MemscopeError where this compiled module does not go with the Python files."""
    if why := other_version(module):
        raise MemscopeError(why)


def other_version(module: ModuleType) -> str:
    """Why this compiled module does not go with the Python files; empty if it does."""
    here = Path(__file__).parent
    interface = 0
    with suppress(OSError):  # installed without the declarations: nothing can be told
        for name in _DECLARED:
            interface = zlib.crc32((here / name).read_bytes(), interface)
        return "" if getattr(module, "INTERFACE", None) == interface else OTHER_VERSION
    return ""
