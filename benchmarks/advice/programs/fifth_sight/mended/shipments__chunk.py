import csv
import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PORTS = ["Rotterdam", "Antwerp", "Hamburg", "Valencia", "Piraeus", "Felixstowe", "Le Havre"]
CARRIERS = ["Northern Star Lines", "Blue Anchor Shipping", "Trans Baltic Freight", "Orient Carriers"]
STATES = ["booked", "loaded", "in transit", "arrived", "cleared"]


@dataclass(slots=True)
class Shipment:
    number: int
    origin: str
    target: str
    carrier: str
    state: str
    kilos: int


def export(path, rows):
    rng = random.Random(15)
    with path.open("w", newline="") as out:
        w = csv.writer(out)
        for i in range(rows):
            a, b = rng.sample(PORTS, 2)
            w.writerow((i, a, b, rng.choice(CARRIERS), rng.choice(STATES), rng.randrange(50, 26000)))


def load(path):
    shipments = []
    with path.open(newline="") as fh:
        for row in csv.reader(fh):
            number, origin, target, carrier, state, kilos = row
            shipments.append(
                Shipment(int(number), origin, target, carrier, state, int(kilos)))
    return shipments


class Board:
    def __init__(self, shipments):
        self.shipments = shipments

    def lanes(self):
        return Counter((s.origin, s.target) for s in self.shipments).most_common(3)

    def tons_by_carrier(self):
        totals = Counter()
        for s in self.shipments:
            totals[s.carrier] += s.kilos
        return {k: v // 1000 for k, v in sorted(totals.items())}

    def advance(self):
        for s in self.shipments:
            i = STATES.index(s.state)
            if i < 4 and s.number % 3 == 0:
                s.state = STATES[i + 1]
        return Counter(s.state for s in self.shipments)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = Path(tmp) / "shipments.csv"
        export(path, 95_000)
        board = Board(load(path))
    print(board.lanes())
    print(board.tons_by_carrier())
    print(sorted(board.advance().items()))


if __name__ == "__main__":
    main()
