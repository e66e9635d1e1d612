"""What `memscope run` says on stderr, without click: the supervisor has no need of it."""

from __future__ import annotations

import sys

from memscope.errors import one_line


def say(line: str) -> None:
    """One line; nothing where stderr is gone, and with it everyone to be told."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(f"memscope: {one_line(line)}\n")
        sys.stderr.flush()
    except OSError:
        return
