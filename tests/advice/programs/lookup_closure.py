"""Functions within that need what they hold: for its parts, as it changes, or as others have it."""

from array import array


class Desk:
    def __init__(self):
        self.look = {}

    def open(self, count):
        prices = array("d", [0.25]) * count
        prices[count // 2] = 9.5
        self.look["price"] = lambda number: prices[number]

    def follow(self, count):
        queue = array("d", [0.5]) * count
        self.look["waiting"] = lambda: len(queue)
        queue.append(1.0)
        return queue.pop

    def grade(self, count):
        levels = array("d", [0.75]) * count
        self.levels = levels if count else None
        self.look["level"] = lambda: max(levels)


def spread(count):
    rings = {}
    for number in range(count):
        rings[number * 7 % count] = bytes(300) + bytes([number % 256])
    return sum(rings[number][300] for number in range(0, count, 97)), rings[5] == rings[6]


def main():
    desk = Desk()
    desk.open(800_000)
    take = desk.follow(800_000)
    desk.grade(800_000)
    print(
        spread(30_000),
        take(),
        desk.look["price"](400_000),
        desk.look["waiting"](),
        desk.look["level"](),
    )


main()
