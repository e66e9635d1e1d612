"""Reading captures: bytes in, tables and counters out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memscope.capture.reader import Capture, load

__all__ = ["Capture", "load"]


def __getattr__(name: str) -> Any:
    # Looked up when first used: what records imports modules of this package and reads nothing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from memscope.capture import reader

    return globals().setdefault(name, getattr(reader, name))
