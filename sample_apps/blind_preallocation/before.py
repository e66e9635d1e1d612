"""Resizes pictures two at a time: 96 buffers are made before the first, to be safe."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

PICTURES = 120
BUFFER_BYTES = 512 << 10
BUFFERS = 96


class BufferPool:
    def __init__(self) -> None:
        self._free = [bytearray(BUFFER_BYTES) for _ in range(BUFFERS)]

    def acquire(self) -> bytearray:
        return self._free.pop()

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
