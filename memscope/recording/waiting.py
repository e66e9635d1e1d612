"""Waiting for a child of this process, as long as somebody wants what it makes."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable

_EVERY_S = 0.05


def has_ended(pid: int, given_up: Callable[[], bool], limit_s: float = float("inf")) -> bool:
    """Wait for a child, and leave it to be waited for. False: given up, or it takes too long."""
    until = time.monotonic() + limit_s
    try:
        fd = os.pidfd_open(pid)
    except OSError:  # not on this kernel
        while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if given_up() or time.monotonic() > until:
                return False
            threading.Event().wait(_EVERY_S)
        return True
    try:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        while not poll.poll(_EVERY_S * 1000):
            if given_up() or time.monotonic() > until:
                return False
        return True
    finally:
        os.close(fd)
