"""Rows of a table whose names are made anew for each, by what the loop asks for the next row."""

import csv
import io

PORTS = [f"port of the {name} coast" for name in ("north", "south", "east", "west")]


class Shipment:
    __slots__ = ("origin", "target")

    def __init__(self, origin, target):
        self.origin = origin
        self.target = target


def table(rows):
    out = io.StringIO()
    for number in range(rows):
        out.write(f"{PORTS[number % 4]},{PORTS[number // 4 % 4]}\n")
    out.seek(0)
    return out


def load(file):
    shipments = []
    for row in csv.reader(file):
        origin, target = row  # advise: duplicates
        shipments.append(Shipment(origin, target))
    return shipments


def main():
    shipments = load(table(120_000))
    for _ in range(6):
        print(len({f"{shipment.origin} {shipment.target}" for shipment in shipments}))


main()
