"""Vectors are made where they are needed."""


class Vector:
    def __init__(self):
        self.x = self.y = 0.0


def length(x: float, y: float) -> float:
    vector = Vector()
    vector.x, vector.y = x, y
    return (vector.x**2 + vector.y**2) ** 0.5


print(sum(length(n, n + 1) for n in range(200_000)))
