"""A pool of points behind a lock: making one anew is three times as fast."""

import threading


class Point:
    __slots__ = ("x", "y")

    def __init__(self):
        self.x = self.y = 0


class PointPool:
    def __init__(self, size):
        self._lock = threading.Lock()
        self._free = [Point() for _ in range(size)]

    def acquire(self):
        with self._lock:
            return self._free.pop() if self._free else Point()  # advise: over-pooled

    def release(self, point):
        with self._lock:
            self._free.append(point)


POOL = PointPool(500)


def step(number):
    point = POOL.acquire()
    point.x, point.y = number, number + 1
    result = point.x + point.y
    POOL.release(point)
    return result


print(sum(step(number) for number in range(60_000)))
