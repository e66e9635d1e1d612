"""Many instances of a class without slots, kept in a grid that is searched."""

from dataclasses import dataclass


@dataclass
class Cell:
    x: int
    y: int
    load: float
    kind: str


class Grid:
    def __init__(self, width, height):
        self.cells = {}
        for x in range(width):
            for y in range(height):
                self.cells[x, y] = Cell(x, y, x / (y + 1), "plain")  # advise: compact

    def heaviest(self):
        return max(self.cells.values(), key=lambda cell: cell.load)

    def around(self, x, y):
        return [self.cells.get((x + dx, y + dy)) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]


def main():
    grid = Grid(250, 240)
    cell = grid.heaviest()
    for _ in range(20_000):
        near = grid.around(cell.x, cell.y)
    print(cell, len([one for one in near if one]))


main()
