import random
from math import isqrt


def marked(limit):
    flags = bytearray([1]) * (limit + 1)
    flags[0:2] = b"\0\0"
    for n in range(2, isqrt(limit) + 1):
        if flags[n]:
            flags[n * n::n] = bytes(len(range(n * n, limit + 1, n)))
    return flags


class Zone:
    def __init__(self, base, width):
        self.base = base
        self.members = set(range(base, base + width))

    def narrow(self, flags, residues):
        for n in range(self.base, self.base + 1500):
            if not flags[n] or n % 30 not in residues:
                self.members.discard(n)
        self.members = set(self.members)

    def has(self, n):
        return n in self.members


class Survey:
    def __init__(self, limit, width):
        self.width = width
        self.flags = marked(limit)
        self.zones = []
        for base in range(0, limit - width, width):
            zone = Zone(base, width)
            zone.narrow(self.flags, {1, 17})
            self.zones.append(zone)

    def find(self, n):
        zone = n // self.width
        return zone < len(self.zones) and self.zones[zone].has(n)


def main():
    survey = Survey(1_500_000, 1500)
    rng = random.Random(77)
    found = sum(survey.find(rng.randrange(1_500_000)) for _ in range(200000))
    sizes = sorted(len(z.members) for z in survey.zones)
    print("zones", len(sizes), "sizes", sizes[0], sizes[len(sizes) // 2], sizes[-1])
    print("found", found)


if __name__ == "__main__":
    main()
