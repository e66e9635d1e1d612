"""A forked copy of this process that answers through a pipe."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # without `typing`, which the supervisor can do without
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


def forked_copy(do: Callable[[int], NoReturn]) -> tuple[int, int] | None:
    """Have a copy do this with the end of a pipe that it may write to.

    Its process id and the end to read from; None where there can be no further process.
    """
    receiving, sending = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(receiving)
        os.close(sending)
        return None
    if pid == 0:
        os.close(receiving)
        do(sending)
    os.close(sending)
    return pid, receiving
