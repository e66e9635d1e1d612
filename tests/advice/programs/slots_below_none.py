"""Points with slots whose base has none: each of them has a dictionary for all that."""

import gc


class Named:
    def label(self):
        return f"{type(self).__name__} {self.east:.0f}/{self.north:.0f}"


class Point(Named):
    __slots__ = ("east", "height", "north")

    def __init__(self, east, north, height):
        self.east = east
        self.north = north
        self.height = height


def survey(count):
    return {
        number: Point(number % 700, number // 700, number % 90)  # advise: compact
        for number in range(count)
    }


def main():
    gc.disable()  # nothing of it has a way back to itself
    points = survey(120_000)
    for number in range(0, 120_000, 7):
        points[number].height += points[(number * 31) % 120_000].height
    print(points[1].label(), max(point.height for point in points.values()))


main()
