import random
from dataclasses import dataclass

HUBS = ("Lund", "Gent", "Graz", "Brno", "Turku", "Porto", "Lecce", "Kiel", "Metz", "Split")


@dataclass(slots=True)
class Parcel:
    number: int
    route: tuple
    grams: int


def manifest(count, seed):
    rng = random.Random(seed)
    lanes = [">".join(rng.sample(HUBS, k=rng.randrange(4, 9))) for _ in range(240)]
    for number in range(count):
        yield f"{number};{rng.choice(lanes)};{rng.randrange(50, 9000)}"


def read_parcels(lines, codes):
    parcels = []
    routes = {}
    for line in lines:
        number, lane, grams = line.split(";")
        route = tuple([codes[hub] for hub in lane.split(">")])
        route = routes.setdefault(route, route)
        parcels.append(Parcel(int(number), route, int(grams)))
    return parcels


def load_by_leg(parcels):
    legs = {}
    for parcel in parcels:
        for leg in zip(parcel.route, parcel.route[1:]):
            legs[leg] = legs.get(leg, 0) + parcel.grams
    return legs


def regroup(parcels, limit):
    parcels.sort(key=lambda p: (p.route, -p.grams))
    batches = 0
    room = 0
    previous = None
    for parcel in parcels:
        if parcel.route != previous or room < parcel.grams:
            batches += 1
            room = limit
            previous = parcel.route
        room -= parcel.grams
    return batches


def main():
    codes = {hub: index for index, hub in enumerate(HUBS)}
    parcels = read_parcels(manifest(110_000, 58), codes)
    legs = load_by_leg(parcels)
    heaviest = max(legs, key=lambda leg: (legs[leg], leg))
    print(len(parcels), len(legs), heaviest, legs[heaviest])
    print(regroup(parcels, 250_000), parcels[0].number, parcels[-1].grams)


if __name__ == "__main__":
    main()
