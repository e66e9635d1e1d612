"""What memscope_listen.pth calls as an interpreter starts with MEMSCOPE_LISTEN=1.

The program begins after it, whatever happens here.
"""

from __future__ import annotations

import sys
from contextlib import suppress


def listen() -> None:
    """Listen for `memscope attach`; where that cannot be, say so in one line."""
    try:
        from memscope.recording.listening import listen as begin

        begin()
    except Exception as error:
        line = " ".join(f"MEMSCOPE_LISTEN: {error}".split())
        with suppress(Exception):
            sys.stderr.write(f"memscope: {line}\n")
