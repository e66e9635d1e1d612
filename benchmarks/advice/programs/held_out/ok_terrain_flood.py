"""Raises the sea over a height map: the map is held while the shores are traced, and read in the end."""

# forbid: release-early chunk reuse-buffer pool leak

import random
from array import array
from collections import deque

SIDE = 800


def midpoint_terrain(side, seed):
    rng = random.Random(seed)
    heights = array("d", bytes(8 * side * side))
    for scale in (80, 40, 20, 10, 5):
        knots = {}
        for y in range(side):
            for x in range(0, side, 5):
                key = (x // scale, y // scale)
                if key not in knots:
                    knots[key] = rng.uniform(-scale, scale)
                bump = knots[key]
                base = y * side + x
                for i in range(base, base + 5):
                    heights[i] += bump
    return heights


def flooded(heights, side, level):
    """Which cells the sea reaches from the western edge."""
    wet = bytearray(side * side)
    todo = deque(y * side for y in range(side) if heights[y * side] < level)
    for cell in todo:
        wet[cell] = 1
    while todo:
        cell = todo.popleft()
        x = cell % side
        around = [cell - side, cell + side]
        if x:
            around.append(cell - 1)
        if x < side - 1:
            around.append(cell + 1)
        for other in around:
            if 0 <= other < side * side and not wet[other] and heights[other] < level:
                wet[other] = 1
                todo.append(other)
    return wet


def depths(heights, wet, level):
    return array("d", (level - h if w else 0.0 for h, w in zip(heights, wet)))


def main():
    heights = midpoint_terrain(SIDE, 10)
    before = flooded(heights, SIDE, 0.0)
    after = flooded(heights, SIDE, 15.0)
    water = depths(heights, after, 15.0)
    lost = sum(b > a for a, b in zip(before, after))
    deepest = max(range(len(water)), key=water.__getitem__)
    print(sum(before), lost, deepest, round(heights[deepest], 3), round(sum(water), 2))


if __name__ == "__main__":
    main()
