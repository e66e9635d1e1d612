"""The last that a capture's META object says: which process it is of, and when it began."""

from __future__ import annotations

import time


def with_process(described: bytes, pid: int) -> bytes:
    """`described` by `memscope.recording.meta`, in the process itself or before there is one."""
    return b'%b, "pid": %d, "started": %r}' % (described.rstrip()[:-1], pid, time.time())
