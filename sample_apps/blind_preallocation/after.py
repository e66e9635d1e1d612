"""Resizes pictures two at a time: buffers are made when one is missing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

PICTURES = 120
BUFFER_BYTES = 512 << 10


class BufferPool:
    def __init__(self) -> None:
        self._free: list[bytearray] = []

    def acquire(self) -> bytearray:
        try:
            return self._free.pop()
        except IndexError:
            return bytearray(BUFFER_BYTES)

    def release(self, buffer: bytearray) -> None:
        self._free.append(buffer)


pool = BufferPool()


def resize(number: int) -> int:
    buffer = pool.acquire()
    try:
        buffer[:1000] = bytes([number % 256]) * 1000
        return sum(buffer[:2000:10])
    finally:
        pool.release(buffer)


def main() -> None:
    with ThreadPoolExecutor(2) as workers:
        print(sum(workers.map(resize, range(PICTURES))))


if __name__ == "__main__":
    main()
