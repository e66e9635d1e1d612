import random
from itertools import combinations

GRANTS = ["read", "write", "share", "audit", "export", "purge", "sign", "approve", "lock", "mint", "delegate", "archive"]


class Member:
    __slots__ = ("ident", "team", "grants")

    def __init__(self, ident, team, grants):
        self.ident = ident
        self.team = team
        self.grants = grants


class Directory:
    def __init__(self):
        self.members = []
        self.shapes = {}

    def define(self, rng, teams):
        for team in range(teams):
            self.shapes[team] = rng.sample(GRANTS, rng.randint(6, 12))

    def enrol(self, rng, count):
        for ident in range(count):
            team = rng.randrange(len(self.shapes))
            self.members.append(Member(ident, team, tuple(sorted(self.shapes[team]))))

    def holders(self, *wanted):
        need = set(wanted)
        return sum(1 for m in self.members if need.issubset(m.grants))

    def widest(self):
        return max(self.members, key=lambda m: (len(m.grants), -m.ident)).ident

    def clash(self, a, b):
        return [m.ident for m in self.members if a in m.grants and b in m.grants][:5]


def main():
    rng = random.Random(90)
    directory = Directory()
    directory.define(rng, 25)
    directory.enrol(rng, 260000)
    print("widest", directory.widest())
    for pair in list(combinations(GRANTS[3:7], 2))[:3]:
        print(*pair, directory.holders(*pair), directory.clash(*pair))


if __name__ == "__main__":
    main()
