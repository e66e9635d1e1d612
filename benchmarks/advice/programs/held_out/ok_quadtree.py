"""Counts neighbours among points with a quadtree; every node of the tree is needed by the queries."""

# forbid: compact leak gc-pressure pool

import random


class Node:
    __slots__ = ("children", "half", "points", "x", "y")
    CAPACITY = 12

    def __init__(self, x, y, half):
        self.x = x
        self.y = y
        self.half = half
        self.points = []
        self.children = None

    def insert(self, point):
        node = self
        while node.children is not None:
            node = node.child(point)
        node.points.append(point)
        if len(node.points) > Node.CAPACITY:
            node.split()

    def child(self, point):
        return self.children[(point[0] >= self.x) + 2 * (point[1] >= self.y)]

    def split(self):
        quarter = self.half / 2
        self.children = [
            Node(self.x + dx * quarter, self.y + dy * quarter, quarter) for dy in (-1, 1) for dx in (-1, 1)
        ]
        points, self.points = self.points, None
        for point in points:
            self.child(point).points.append(point)

    def within(self, px, py, radius):
        count = 0
        stack = [self]
        square = radius * radius
        while stack:
            node = stack.pop()
            if abs(px - node.x) > node.half + radius or abs(py - node.y) > node.half + radius:
                continue
            if node.children is not None:
                stack += node.children
            else:
                for x, y in node.points:
                    if (x - px) ** 2 + (y - py) ** 2 <= square:
                        count += 1
        return count


def main():
    rng = random.Random(8)
    root = Node(0.0, 0.0, 1.0)
    points = [(rng.uniform(-1, 1), rng.triangular(-1, 1, 0.2)) for _ in range(28_000)]
    for point in points:
        root.insert(point)
    crowd = [root.within(x, y, 0.02) for x, y in points]
    print(max(crowd), sum(crowd), crowd.index(max(crowd)))


if __name__ == "__main__":
    main()
