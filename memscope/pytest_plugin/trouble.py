"""An exception of memscope's own in one line: it is told when the tests are over, never raised."""

from __future__ import annotations

from memscope.errors import MemscopeError, one_line


def described(error: Exception) -> str:
    """What went wrong. An exception's own text may fail, as all that a test has changed."""
    name = type(error).__name__
    try:
        said = one_line(str(error))[:300]
    except Exception:
        return name
    if isinstance(error, MemscopeError):
        return said
    return f"{name}: {said}" if said else name
