"""memscope: an exact memory profiler for CPython."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # without `typing`, which a program may not have imported
if TYPE_CHECKING:
    from typing import Any

    from memscope.capture import Capture, load
    from memscope.errors import MemscopeError
    from memscope.loops import assert_no_growth
    from memscope.memory_log import MemoryLog, log_memstats
    from memscope.pool import Pool
    from memscope.process_memory import MemStats, memstats
    from memscope.recording.inprogram import snapshot, start, stop
    from memscope.recording.listening import listen
    from memscope.recording.memorylimits import MemoryLimit
    from memscope.recording.pressurecalls import on_pressure
    from memscope.recording.record import Recording, record
    from memscope.version import __version__

__all__ = [
    "Capture",
    "MemStats",
    "MemoryLimit",
    "MemoryLog",
    "MemscopeError",
    "Pool",
    "Recording",
    "__version__",
    "assert_no_growth",
    "listen",
    "load",
    "log_memstats",
    "memstats",
    "on_pressure",
    "record",
    "snapshot",
    "start",
    "stop",
]

# Names are looked up when first used: importing memscope in a program that is being recorded must
# cost next to nothing, and reading a capture must not need the extension.
_HOMES = {
    "Capture": "memscope.capture",
    "MemStats": "memscope.process_memory",
    "MemoryLimit": "memscope.recording.memorylimits",
    "MemoryLog": "memscope.memory_log",
    "MemscopeError": "memscope.errors",
    "Pool": "memscope.pool",
    "Recording": "memscope.recording.record",
    "__version__": "memscope.version",
    "assert_no_growth": "memscope.loops",
    "listen": "memscope.recording.listening",
    "load": "memscope.capture",
    "log_memstats": "memscope.memory_log",
    "memstats": "memscope.process_memory",
    "on_pressure": "memscope.recording.pressurecalls",
    "record": "memscope.recording.record",
    "snapshot": "memscope.recording.inprogram",
    "start": "memscope.recording.inprogram",
    "stop": "memscope.recording.inprogram",
}


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext memscope` calls: `%%memscope` and `%memscope` are there from then on."""
    magics = importlib.import_module("memscope.notebook.magics")
    shell.register_magics(magics.MemscopeMagics)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
