"""What this machine takes to allocate, to zero, to copy and to fault: measured, then remembered.

The figures turn counts into seconds. They are this machine's, which may not be the one that
recorded: intervals of predicted time are wide for that.
"""

from __future__ import annotations

import ctypes
import json
import math
import mmap
import os
import platform
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal

from memscope.plain import dataclass

_FORMAT = 4
# Caches make copying 64 KiB several times as fast as copying 8 MiB.
SIZES_BYTES = (64 << 10, 256 << 10, 1 << 20, 8 << 20)
# A Python line that allocates takes at least this long besides the allocation.
STEP_S = 50e-9


@dataclass(frozen=True, slots=True)
class HostCosts:
    """Seconds, and bytes per second in blocks of `SIZES_BYTES`; `source`: whose they are."""

    small_allocation_s: float  # a request that pymalloc serves, and its free
    zero_bytes_per_s: tuple[float, ...]  # of filling memory that is there: no page faults
    copy_bytes_per_s: tuple[float, ...]
    pointer_copy_s: float  # of a list or tuple: an element copied is an element counted
    page_fault_s: float
    queue_s: float  # to take one from a queue.LifoQueue and to give it back
    source: Literal["measured", "remembered", "default"] = "default"

    @property
    def large_allocation_s(self) -> float:
        """A request that malloc serves, and its free: two to three times one of pymalloc's."""
        return 2 * self.small_allocation_s

    @property
    def allocating_step_s(self) -> float:
        """A step of Python code that makes one small block, and its free: this long at least."""
        return self.small_allocation_s + STEP_S

    def copying(self, moved_bytes: float, block_bytes: float) -> float:
        """Seconds that copying takes, in blocks of this size."""
        return moved_bytes / self.copy_bytes_per_s[_nearest(block_bytes)]

    def zeroing(self, block_bytes: float) -> float:
        """Seconds that filling a block with zeroes takes."""
        return block_bytes / self.zero_bytes_per_s[_nearest(block_bytes)]


def _nearest(block_bytes: float) -> int:
    size = max(block_bytes, 1)
    return min(range(len(SIZES_BYTES)), key=lambda i: abs(math.log(SIZES_BYTES[i] / size)))


# A slow machine of the year 2020: predictions made with these are low.
DEFAULT_COSTS = HostCosts(
    small_allocation_s=40e-9,
    zero_bytes_per_s=(40e9, 30e9, 20e9, 10e9),
    copy_bytes_per_s=(20e9, 15e9, 10e9, 8e9),
    pointer_copy_s=1e-9,
    page_fault_s=0.5e-6,
    queue_s=1.5e-6,
)


def host_costs(*, calibrate: bool = True) -> HostCosts:
    """This machine's costs: remembered from an earlier run, or measured now in under 100 ms."""
    if not calibrate:
        return DEFAULT_COSTS
    path = _remembered_at()
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        return _remembered(json.loads(path.read_text(encoding="utf-8")))
    costs = _measure()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps({**asdict(costs), "host": _host()}), encoding="utf-8")
        temporary.replace(path)
    return costs


def _remembered_at() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "memscope" / "host-costs.json"


def _host() -> str:
    return f"{_FORMAT} {platform.node()} {platform.machine()} {platform.release()}"


def _remembered(stored: dict[str, Any]) -> HostCosts:
    """Costs as stored; raises an error of some kind where they are another host's or damaged."""
    if stored["host"] != _host():
        raise ValueError
    zero, copy = (tuple(map(float, stored[f"{name}_bytes_per_s"])) for name in ("zero", "copy"))
    names = ("small_allocation_s", "pointer_copy_s", "page_fault_s", "queue_s")
    small, pointer, fault, asked = (float(stored[name]) for name in names)
    if len(zero) != len(SIZES_BYTES) or len(copy) != len(SIZES_BYTES):
        raise ValueError
    if not all(0 < value < 1e15 for value in (*zero, *copy, small, pointer, fault, asked)):
        raise ValueError
    return HostCosts(small, zero, copy, pointer, fault, asked, "remembered")


def _measure() -> HostCosts:
    source, target = bytearray(SIZES_BYTES[-1]), bytearray(SIZES_BYTES[-1])
    address = ctypes.addressof(ctypes.c_char.from_buffer(target))
    zero, copy = [], []
    for size in SIZES_BYTES:
        # The same memory each time. A new block may be of pages that the kernel has to give out
        # again, which are counted by themselves.
        zero.append(size / _lower_quartile(partial(ctypes.memset, address, 0, size)))
        copy.append(
            size / _lower_quartile(partial(_copy, memoryview(source)[:size], memoryview(target)))
        )
    small = _lower_quartile(lambda: [bytes(200) for _ in range(500)]) / 500
    items = [str(number) for number in range(5000)]
    pointer = _lower_quartile(lambda: list(items)) / len(items)
    return HostCosts(small, tuple(zero), tuple(copy), pointer, _page_fault(), _queue(), "measured")


def _queue() -> float:
    waiting = queue.LifoQueue[object]()
    waiting.put(None)

    def ask() -> None:
        for _ in range(100):
            waiting.put(waiting.get())

    return _lower_quartile(ask) / 100


def _copy(source: memoryview, target: memoryview) -> None:
    target[: len(source)] = source


def _page_fault() -> float:
    pages = 1024

    def touch() -> None:
        with mmap.mmap(-1, pages * mmap.PAGESIZE) as area:
            for offset in range(0, len(area), mmap.PAGESIZE):
                area[offset] = 1

    def walk() -> None:
        for offset in range(0, len(known), mmap.PAGESIZE):
            known[offset] = 1

    known = bytearray(pages * mmap.PAGESIZE)
    return max(_lower_quartile(touch) - _lower_quartile(walk), 0.05e-6 * pages) / pages


def _lower_quartile(work: Callable[[], object], budget_s: float = 0.006) -> float:
    """Of the times that the budget allows: what else the machine does is no cost of the work."""
    deadline = time.perf_counter() + budget_s
    taken = []
    while True:
        start = time.perf_counter()
        work()
        now = time.perf_counter()
        taken.append(now - start)
        if now > deadline:
            return sorted(taken)[len(taken) // 4]
