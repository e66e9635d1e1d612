"""Asks a database over a pool of connections: each is given back, whatever happens."""

from __future__ import annotations

import threading

QUERIES = 12_000


class ConnectionPool:
    def __init__(self) -> None:
        self._idle: list[bytearray] = []
        self._lock = threading.Lock()

    def acquire(self) -> bytearray:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return bytearray(16 << 10)

    def release(self, connection: bytearray) -> None:
        with self._lock:
            self._idle.append(connection)


pool = ConnectionPool()


def ask(number: int) -> int:
    connection = pool.acquire()
    try:
        connection[0] = number % 256
        if number % 3 == 0:
            return -1
        return sum(len(str(column)) for column in range(30)) + connection[0]
    finally:
        pool.release(connection)


def main() -> None:
    print(sum(ask(number) for number in range(QUERIES)))


if __name__ == "__main__":
    main()
