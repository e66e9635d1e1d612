"""Bus fleet: timetable for every vehicle, then who can stand in for whom."""
import random
from collections import Counter

STREETS = ["Mill", "Oak", "Station", "Harbour", "Castle", "Market", "Abbey", "Bridge"]


class Vehicle:
    __slots__ = ("plate", "line", "stops", "delay")

    def __init__(self, plate, line, stops, delay):
        self.plate = plate
        self.line = line
        self.stops = stops
        self.delay = delay


def stops_of(line):
    out = []
    step = 3 + line % 5
    for k in range(24):
        street = STREETS[(line + k * step) % len(STREETS)]
        out.append((f"{street} Street {(line * 11 + k) % 60}", 6 * 60 + line + k * 4))
    return tuple(out)


def fleet(rng, n, lines):
    for i in range(n):
        line = rng.randrange(lines)
        yield Vehicle(f"V{i:05d}", line, stops_of(line), rng.randrange(-2, 15))


def stand_ins(vehicles, wanted):
    """Vehicles which serve the wanted stop, the least delayed first."""
    fit = [v for v in vehicles if any(name == wanted for name, _ in v.stops)]
    return sorted(fit, key=lambda v: (v.delay, v.plate))


def main():
    rng = random.Random(40)
    vehicles = list(fleet(rng, 22_000, lines=45))
    usage = Counter()
    for v in vehicles:
        for name, minute in v.stops[::6]:
            usage[name] += minute + v.delay > 420
    busiest, count = max(usage.items(), key=lambda kv: (kv[1], kv[0]))
    print("busiest", busiest, count)
    first = stand_ins(vehicles, busiest)[:3]
    for name in sorted(usage)[::9]:
        first += stand_ins(vehicles, name)[:1]
    print("stand-ins", [(v.plate, v.line, v.delay) for v in first[:5]])


if __name__ == "__main__":
    main()
