"""A billiard table without friction: balls bounce off the cushions for a while."""

import math
from queue import Empty, LifoQueue


class Vector:
    __slots__ = ("x", "y")

    def __init__(self, x: float = 0.0, y: float = 0.0) -> None:
        self.x = x
        self.y = y

    def set(self, x: float, y: float) -> "Vector":
        self.x = x
        self.y = y
        return self


class VectorPool:
    """Temporary vectors are used again, the inner loop needs a lot of them."""

    def __init__(self, size: int) -> None:
        self._free: LifoQueue[Vector] = LifoQueue()
        for _ in range(size):
            self._free.put(Vector())

    def get(self, x: float, y: float) -> Vector:
        try:
            return self._free.get_nowait().set(x, y)  # advise: over-pooled
        except Empty:
            return Vector(x, y)

    def put(self, vector: Vector) -> None:
        self._free.put(vector)


VECTORS = VectorPool(16)


class Ball:
    __slots__ = ("place", "speed")

    def __init__(self, place: Vector, speed: Vector) -> None:
        self.place = place
        self.speed = speed


class Table:
    def __init__(self, width: float, height: float, balls: int) -> None:
        self.width = width
        self.height = height
        self.balls = [
            Ball(Vector(0.1 + n * 0.17, 0.2 + n * 0.05), Vector(math.cos(n), math.sin(n)))
            for n in range(balls)
        ]
        self.bounces = 0

    def step(self, seconds: float) -> None:
        for ball in self.balls:
            move = VECTORS.get(ball.speed.x * seconds, ball.speed.y * seconds)
            goal = VECTORS.get(ball.place.x + move.x, ball.place.y + move.y)
            if not 0.0 <= goal.x <= self.width:
                ball.speed.x = -ball.speed.x
                self.bounces += 1
            elif not 0.0 <= goal.y <= self.height:
                ball.speed.y = -ball.speed.y
                self.bounces += 1
            else:
                ball.place.set(goal.x, goal.y)
            VECTORS.put(goal)
            VECTORS.put(move)


def main() -> None:
    table = Table(2.54, 1.27, balls=12)
    for _ in range(22_000):
        table.step(0.004)
    x = sum(ball.place.x for ball in table.balls)
    y = sum(ball.place.y for ball in table.balls)
    print(f"{table.bounces} bounces, centre {x / 12:.5f} {y / 12:.5f}")


if __name__ == "__main__":
    main()
