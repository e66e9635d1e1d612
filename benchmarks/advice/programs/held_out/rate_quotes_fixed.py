"""Quotes freight rates; tariffs are worked out from the zone and the exact moment of the request."""

import random
from decimal import Decimal
from functools import lru_cache
from zlib import crc32

ZONES = {"north": Decimal("1.20"), "south": Decimal("0.95"), "islands": Decimal("2.75")}


@lru_cache(maxsize=256)
def tariff(zone, moment):
    """The price steps of a zone at a moment (seconds since midnight of day one)."""
    base = ZONES[zone]
    hour = moment // 3600 % 24
    night = Decimal("1.15") if hour < 6 or hour >= 22 else Decimal(1)
    return tuple((base * night * step).quantize(Decimal("0.0001")) for step in range(1, 6))


class Desk:
    def __init__(self):
        self.turnover = Decimal(0)
        self.seal = 0
        self.by_zone = dict.fromkeys(ZONES, 0)

    def quote(self, zone, kilos, moment):
        steps = tariff(zone, moment)
        price = steps[min(kilos // 25, 4)] * kilos
        self.turnover += price
        self.by_zone[zone] += 1
        text = f"{moment:>10} {zone:<10} {kilos:>4} kg {price:>12,.2f}"
        self.seal = crc32(text.encode(), self.seal)
        return price


def customers(count, seed):
    rng = random.Random(seed)
    zones = list(ZONES)
    moment = 0
    for _ in range(count):
        moment += rng.randrange(1, 40)
        yield rng.choice(zones), rng.randrange(1, 120), moment


def main():
    desk = Desk()
    highest = Decimal(0)
    for zone, kilos, moment in customers(80_000, 13):
        highest = max(highest, desk.quote(zone, kilos, moment))
    print(desk.turnover, highest, desk.by_zone, desk.seal)


if __name__ == "__main__":
    main()
