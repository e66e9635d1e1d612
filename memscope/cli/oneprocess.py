"""Questions that only the capture of one process answers."""

from __future__ import annotations

from memscope.capture import Capture
from memscope.errors import MemscopeError


def check_one_process(capture: Capture, what: str) -> None:
    """Raises MemscopeError for a merged capture: it holds none of what is wanted."""
    count = len(capture.meta.parts)
    if count:
        reason = f"is {count} captures in one, and {what} of one process"
        raise MemscopeError(reason, capture.path, "ask the captures that it was merged of")
