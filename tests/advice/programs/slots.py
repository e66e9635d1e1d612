"""Many instances with slots already: nothing to advise."""


class Cell:
    __slots__ = ("load", "x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.load = x / (y + 1)


def main():
    cells = [Cell(number % 300, number // 300) for number in range(60_000)]
    cells.sort(key=lambda cell: cell.load)
    print(cells[0].x, cells[-1].y, cells[30_000].load)


main()
