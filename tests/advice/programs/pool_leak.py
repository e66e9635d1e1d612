"""A pool whose connections do not come back when a request fails."""

import threading


class ConnectionPool:
    def __init__(self):
        self._idle = []
        self._lock = threading.Lock()

    def acquire(self):
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return bytearray(16_384)

    def release(self, connection):
        with self._lock:
            self._idle.append(connection)


POOL = ConnectionPool()


def query(number):
    connection = POOL.acquire()  # advise: pool-leak
    connection[0] = number & 255
    if number % 2:
        return -1
    POOL.release(connection)
    return connection[0]


def report(number):
    connection = POOL.acquire()
    try:
        return connection[0] + len([str(step) for step in range(40)])
    finally:
        POOL.release(connection)


print(sum(query(number) + report(number) for number in range(12_000)))
