"""Parsed lines that a loop puts into a dictionary, each of them: not to list them saves nothing."""


class Station:
    __slots__ = ("code", "level", "text")

    def __init__(self, line):
        code, level = line.split(",")
        self.code = code
        self.level = float(level)
        self.text = line


def lines(count):
    for number in range(count):
        yield f"code{number},{number / 8}"


class Levels:
    def __init__(self):
        self.by_code = {}

    def put(self, station):
        self.by_code[station.code] = station


def read(count):
    stations = [Station(line) for line in lines(count)]
    levels = Levels()
    for station in stations:
        levels.put(station)
    return levels


def main():
    levels = read(60_000)
    total = 0.0
    for step in range(200_000):
        total += levels.by_code[f"code{step * 7 % 60_000}"].level
    print(total)


main()
