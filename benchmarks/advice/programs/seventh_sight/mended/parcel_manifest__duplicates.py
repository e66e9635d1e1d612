import io
import random
from sys import intern
from dataclasses import dataclass

CARRIERS = ("Northline Freight Services", "Coastal Parcel Union", "Highland Overnight Express", "Metro Bike Couriers")
DEPOTS = ("Depot 04 / Rotterdam Maasvlakte", "Depot 11 / Antwerp Left Bank", "Depot 19 / Hamburg Altenwerder")
STATES = ("awaiting customs clearance", "loaded on outbound trailer", "handed to final-mile carrier", "returned to sender")


@dataclass(slots=True, eq=False)
class Parcel:
    number: int
    carrier: str
    depot: str
    state: str
    grams: int


def manifest_text(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        yield f"{number};{rng.choice(CARRIERS)};{rng.choice(DEPOTS)};{rng.choice(STATES)};{rng.randint(50, 30000)}\n"


class ManifestReader:
    separator = ";"

    def __init__(self, lines):
        self.lines = lines

    def parse(self, line):
        number, carrier, depot, state, grams = line.rstrip("\n").split(self.separator)
        return Parcel(int(number), intern(carrier), intern(depot), intern(state), int(grams))

    def __iter__(self):
        return map(self.parse, self.lines)


class Yard:
    def __init__(self):
        self.parcels = {}

    def load(self, reader):
        for parcel in reader:
            self.parcels[parcel.number] = parcel

    def advance(self, rng, steps):
        for _ in range(steps):
            parcel = self.parcels[rng.randrange(len(self.parcels))]
            position = STATES.index(parcel.state)
            parcel.state = STATES[min(position + 1, len(STATES) - 1)]

    def summary(self):
        table = {}
        for parcel in self.parcels.values():
            key = (parcel.carrier, parcel.state)
            count, grams = table.get(key, (0, 0))
            table[key] = (count + 1, grams + parcel.grams)
        return sorted(table.items())


def main():
    yard = Yard()
    yard.load(ManifestReader(manifest_text(130_000, seed=5)))
    yard.advance(random.Random(6), 20_000)
    out = io.StringIO()
    for (carrier, state), (count, grams) in yard.summary():
        out.write(f"{carrier:30} {state:32} {count:6d} {grams:12d}\n")
    print(out.getvalue(), end="")


if __name__ == "__main__":
    main()
