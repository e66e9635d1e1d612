"""tracemalloc as an oracle: which line allocated each live block.

tracemalloc says of a block which line *used* it last: when an object is made from a block that lay
on one of the interpreter's free lists, it moves the block to that line. memscope says which line
allocated the block. So that the two can be compared to the byte, this module takes that one habit
from tracemalloc and leaves everything else to it.
"""

from __future__ import annotations

import _tracemalloc
import ctypes
import gc
import sys
import tracemalloc

# The number of frames that tracemalloc is told to keep, by which its settings are found in memory.
# Small, since each frame costs time; and none that anybody would ask for.
MARK = 7
TRACES_REFERENCES = sys.version_info >= (3, 13) and hasattr(
    ctypes.pythonapi, "PyRefTracer_SetTracer"
)


class AllocationTracer:
    """From `start` to `stop`: the lines that the live blocks were allocated at."""

    def __init__(self, frames: int = 1) -> None:
        """frames: how many of each block's stack are kept, the innermost ones."""
        self._frames = frames
        self._tracing_flag: ctypes.c_int | None = None

    def start(self) -> None:
        tracemalloc.start(max(self._frames, MARK))
        if TRACES_REFERENCES:
            ctypes.pythonapi.PyRefTracer_SetTracer(None, None)
        if self._moves_blocks():
            # Older ones look at a flag before they move a block, and at nothing when it is made.
            self._tracing_flag = find_tracing_flag(self._frames)
            self._tracing_flag.value = 0
        if self._moves_blocks():
            raise RuntimeError("tracemalloc still moves blocks to the line that used them last")

    def forget(self) -> None:
        """Forgets all blocks that there are: only what is allocated from here on counts."""
        with self.readable():
            tracemalloc.clear_traces()

    def lines(self) -> list[tuple[str, int, int]]:
        """File, line and size of each live block."""
        return [(*frames[0], size) for frames, size in self.stacks()]

    def stacks(self) -> list[tuple[tuple[tuple[str, int], ...], int]]:
        """The frames of each live block, innermost first, and its size."""
        with self.readable():
            traces = _tracemalloc._get_traces()
        return [(frames, size) for _, size, frames, *_ in traces]

    def stop(self) -> None:
        with self.readable():
            tracemalloc.stop()

    def readable(self) -> Readable:
        return Readable(self._tracing_flag)

    def _moves_blocks(self) -> bool:
        gc.collect()  # empties the free lists
        first = [[] for _ in range(10)]
        line_of_first = sys._getframe().f_lineno - 1
        del first
        second = [[] for _ in range(10)]
        with self.readable():
            traceback = tracemalloc.get_object_traceback(second[0])
        return traceback is None or traceback[-1].lineno != line_of_first


class Readable:
    """While entered, tracemalloc knows that it is at work, and can be asked."""

    def __init__(self, flag: ctypes.c_int | None) -> None:
        self._flag = flag

    def __enter__(self) -> None:
        if self._flag is not None:
            self._flag.value = 1

    def __exit__(self, *_: object) -> None:
        if self._flag is not None:
            self._flag.value = 0


def find_tracing_flag(frames: int) -> ctypes.c_int:
    """The second of three ints: initialized (1), tracing (1), max_nframe (MARK, or more)."""
    symbol = "_PyRuntime" if sys.version_info >= (3, 12) else "_Py_tracemalloc_config"
    start = ctypes.addressof(ctypes.c_int.in_dll(ctypes.pythonapi, symbol))
    size = ctypes.sizeof(ctypes.c_int)
    for offset in range(0, 1_000_000, size):
        found = (ctypes.c_int * 3).from_address(start + offset)
        if found[2] == max(frames, MARK) and found[0] == found[1] == 1:
            found[2] = frames  # so many are enough from here on
            return ctypes.c_int.from_address(start + offset + size)
    raise RuntimeError("tracemalloc's settings were not found")
