"""A pool that makes connections while all are in use, and then no more. tempting: pool-leak"""

from __future__ import annotations


class ConnectionPool:
    def __init__(self) -> None:
        self._idle: list[bytearray] = []

    def acquire(self) -> bytearray:
        return self._idle.pop() if self._idle else bytearray(16 << 10)

    def release(self, connection: bytearray) -> None:
        self._idle.append(connection)


pool = ConnectionPool()


def batch(size: int) -> int:
    connections = [pool.acquire() for _ in range(size)]
    total = sum(len(str(number)) for number in range(200))
    for connection in connections:
        connection[0] = size
        pool.release(connection)
    return total


print(sum(batch(min(3 + number // 4, 60)) for number in range(2500)))
