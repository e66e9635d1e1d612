"""memscope: an exact memory profiler for CPython."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memscope.capture import Capture, load
    from memscope.errors import MemscopeError
    from memscope.pool import Pool
    from memscope.process_memory import MemStats, memstats
    from memscope.recording import Recording, record

__version__ = "0.1.0"
__all__ = [
    "Capture",
    "MemStats",
    "MemscopeError",
    "Pool",
    "Recording",
    "__version__",
    "load",
    "memstats",
    "record",
]

# Names are looked up when first used: importing memscope in a program that is being recorded must
# cost next to nothing, and reading a capture must not need the extension.
_HOMES = {
    "Capture": "memscope.capture",
    "MemStats": "memscope.process_memory",
    "MemscopeError": "memscope.errors",
    "Pool": "memscope.pool",
    "Recording": "memscope.recording",
    "load": "memscope.capture",
    "memstats": "memscope.process_memory",
    "record": "memscope.recording",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
