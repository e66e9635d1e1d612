"""Lines that are parsed into a list, which its caller goes through once."""


class Reading:
    __slots__ = ("place", "value")

    def __init__(self, place, value):
        self.place = place
        self.value = value


def parse(line):
    place, value = line.split(",")
    return Reading(place, float(value))


def lines(count):
    for number in range(count):
        yield f"place {number % 900},{number / 8}"


def readings(count):
    return [parse(line) for line in lines(count)]  # advise: chunk


def highest(count):
    found = {}
    for reading in readings(count):
        found[reading.place] = max(reading.value, found.get(reading.place, 0.0))
    return found


print(len(highest(80_000)))
