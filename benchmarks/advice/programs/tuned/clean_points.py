"""Small objects by the thousand: free lists and pymalloc are their pool."""

# forbid: pool over-pooled compact
from dataclasses import dataclass


@dataclass(slots=True)
class Point:
    x: float
    y: float

    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)


total = Point(0, 0)
for n in range(300_000):
    total = total + Point(n, 1)
print(total)
