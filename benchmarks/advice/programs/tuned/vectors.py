"""A locked pool of small vectors."""

import threading


class Vector:
    def __init__(self):
        self.x = self.y = 0.0


class VectorPool:
    def __init__(self, size: int):
        self._lock = threading.Lock()
        self._free = [Vector() for _ in range(size)]

    def acquire(self) -> Vector:
        with self._lock:
            return self._free.pop()  # advise: over-pooled

    def release(self, vector: Vector) -> None:
        with self._lock:
            self._free.append(vector)


POOL = VectorPool(20_000)


def length(x: float, y: float) -> float:
    vector = POOL.acquire()
    vector.x, vector.y = x, y
    found = (vector.x**2 + vector.y**2) ** 0.5
    POOL.release(vector)
    return found


print(sum(length(n, n + 1) for n in range(200_000)))
