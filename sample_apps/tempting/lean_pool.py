"""A pool of a few large buffers, all given back. tempting: over-pooled"""

from __future__ import annotations


class BufferPool:
    def __init__(self) -> None:
        self._free: list[bytearray] = []

    def acquire(self) -> bytearray:
        try:
            return self._free.pop()
        except IndexError:
            return bytearray(1 << 20)

    def release(self, buffer: bytearray) -> None:
        self._free.append(buffer)


pool = BufferPool()


def work(number: int) -> int:
    buffer = pool.acquire()
    try:
        buffer[number % 1000] = number % 256
        return sum(buffer[:1000:50])
    finally:
        pool.release(buffer)


print(sum(work(number) for number in range(20_000)))
