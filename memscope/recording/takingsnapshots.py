"""The file by which a drain in this process is told of snapshots."""

from __future__ import annotations

# Bound before any test runs: tests patch os.close.
from os import close
from typing import TYPE_CHECKING

from memscope import _recorder

if TYPE_CHECKING:
    from memscope._recorder import Drain


def make_place_for_snapshots(drain: Drain) -> str:
    """Before the first one. Why there can be none; empty: there can be."""
    try:
        fd = _recorder.snapshot_create()
        try:
            drain.snapshot_from(fd)
            _recorder.snapshot_into(fd, False, False)
        finally:
            close(fd)
    except (OSError, RuntimeError, MemoryError) as error:
        return f"there is no memory to take it into: {error}"
    return ""
