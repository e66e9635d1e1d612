"""Renders heat maps for map tiles: each request paints a grid of floats and reduces it to a legend."""

import random
from array import array

SIDE = 512


class TileRenderer:
    """Paints the sources of one tile into a grid of doubles."""

    def __init__(self, side):
        self.side = side
        self.ramp = array("d", (i / side for i in range(side)))

    def paint(self, grid, sources):
        side = self.side
        view = memoryview(grid)
        row = memoryview(self.ramp)
        for y in range(side):
            view[y * side : (y + 1) * side] = row
        for x, y, heat in sources:
            base = y * side
            for dx in range(-3, 4):
                grid[base + (x + dx) % side] += heat / (1 + dx * dx)

    def legend(self, grid, sources):
        values = [grid[y * self.side + x] for x, y, _ in sources]
        return round(min(values), 3), round(max(values), 3)

    def render(self, sources):
        grid = array("d", bytes(8 * self.side * self.side))  # advise: reuse-buffer
        self.paint(grid, sources)
        return self.legend(grid, sources)


def requests(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        yield [
            (rng.randrange(SIDE), rng.randrange(SIDE), rng.uniform(0, 5)) for _ in range(40)
        ]


def main():
    renderer = TileRenderer(SIDE)
    low, high = 1e9, -1e9
    for sources in requests(2500, 4):
        a, b = renderer.render(sources)
        low, high = min(low, a), max(high, b)
    print(low, high)


if __name__ == "__main__":
    main()
