"""A small gravity simulation with recycled vectors."""
import threading


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x=0.0, y=0.0):
        self.x = x
        self.y = y


class VectorPool:
    """Spares the allocation of short-lived vectors; safe to share between threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._free = []

    def obtain(self, x, y):
        with self._lock:
            vector = self._free.pop() if self._free else Vector()  # advise: over-pooled
        vector.x = x
        vector.y = y
        return vector

    def recycle(self, vector):
        with self._lock:
            self._free.append(vector)


class Body:
    def __init__(self, pool, x, y, mass):
        self.pool = pool
        self.place = Vector(x, y)
        self.speed = Vector()
        self.mass = mass

    def pull_of(self, other):
        dx = other.place.x - self.place.x
        dy = other.place.y - self.place.y
        square = dx * dx + dy * dy + 0.5
        scale = other.mass / (square * square**0.5)
        return self.pool.obtain(dx * scale, dy * scale)

    def accelerate(self, others):
        total = self.pool.obtain(0.0, 0.0)
        for other in others:
            if other is not self:
                pull = self.pull_of(other)
                total.x += pull.x
                total.y += pull.y
                self.pool.recycle(pull)
        self.speed.x += total.x * 0.01
        self.speed.y += total.y * 0.01
        self.pool.recycle(total)

    def drift(self):
        self.place.x += self.speed.x * 0.01
        self.place.y += self.speed.y * 0.01


def main():
    pool = VectorPool()
    bodies = [Body(pool, n * 7 % 23, n * 11 % 19, 1 + n % 5) for n in range(30)]
    for _ in range(800):
        for body in bodies:
            body.accelerate(bodies)
        for body in bodies:
            body.drift()
    print(f"{sum(b.place.x for b in bodies):.6f} {sum(b.place.y for b in bodies):.6f}")


if __name__ == "__main__":
    main()
