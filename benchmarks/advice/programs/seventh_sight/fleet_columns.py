import math
import random
from array import array


class Track:
    def __init__(self):
        self.names = {}
        self.ship = array("H")
        self.lat = array("d")
        self.lon = array("d")
        self.speed = array("f")

    def add(self, ship, lat, lon, speed):
        self.ship.append(self.names.setdefault(ship, len(self.names)))
        self.lat.append(lat)
        self.lon.append(lon)
        self.speed.append(speed)

    def __len__(self):
        return len(self.ship)


def reports(count, seed):
    rng = random.Random(seed)
    position = [[rng.uniform(-60, 60), rng.uniform(-170, 170)] for _ in range(220)]
    for number in range(count):
        ship = number * 7 % len(position)
        spot = position[ship]
        spot[0] += rng.uniform(-0.05, 0.05)
        spot[1] += rng.uniform(-0.05, 0.05)
        yield f"IMO{9100000 + ship}|{spot[0]:.5f}|{spot[1]:.5f}|{rng.uniform(0, 24):.1f}"


def parse(lines, track):
    for line in lines:
        ship, lat, lon, speed = line.split("|")
        track.add(ship, float(lat), float(lon), float(speed))


def sailed(track):
    last = {}
    distance = {}
    for ship, lat, lon in zip(track.ship, track.lat, track.lon):
        before = last.get(ship)
        if before is not None:
            x = (lon - before[1]) * math.cos(math.radians(lat))
            distance[ship] = distance.get(ship, 0.0) + math.hypot(x, lat - before[0]) * 60
        last[ship] = (lat, lon)
    return distance


def crossings(track, step):
    found = {}
    for here, back in zip(range(len(track)), range(len(track) - 1, -1, -1)):
        if track.lat[here] // step == track.lat[back] // step and track.speed[here] > 23.8:
            band = int(track.lat[here] // step)
            found[band] = found.get(band, 0) + 1
    return sorted(found.items())


def main():
    track = Track()
    parse(reports(330_000, 66), track)
    distance = sailed(track)
    names = list(track.names)
    longest = sorted(distance, key=lambda ship: -distance[ship])[:3]
    print(len(track), len(distance), f"{max(track.speed):.1f} {sum(track.speed):.2f}")
    for ship in longest:
        print(names[ship], f"{distance[ship]:.3f}")
    print(crossings(track, 15))


if __name__ == "__main__":
    main()
