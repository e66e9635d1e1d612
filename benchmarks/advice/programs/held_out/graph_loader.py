# forbid: gc-pressure release-early leak
# may: compact
"""Package dependency graph: loaded once with the collector off, then resolved."""
import gc
import random
from contextlib import contextmanager


@contextmanager
def collector_off():
    """For bulk loads of long-lived objects."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


class Release:
    __slots__ = ("package", "version", "needs")

    def __init__(self, package, version):
        self.package = package
        self.version = version
        self.needs = []

    def __lt__(self, other):
        return self.version < other.version


class Package:
    __slots__ = ("name", "releases")

    def __init__(self, name):
        self.name = name
        self.releases = []

    def best(self, lo, hi):
        for rel in reversed(self.releases):
            if lo <= rel.version <= hi:
                return rel
        return None


class Universe:
    def __init__(self):
        self.packages = []

    @classmethod
    def load(cls, n, seed):
        rng = random.Random(seed)
        r = rng.random
        self = cls()
        for i in range(n):
            pkg = Package(f"pkg-{i}")
            version = 0
            for _ in range(3 + int(r() * 4)):
                version += 1 + int(r() * 3)
                rel = Release(pkg, version)
                for _ in range(int(r() * 4)):
                    if i > 10:
                        rel.needs.append((self.packages[int(r() ** 2 * i)], int(r() * 3), 4 + int(r() * 12)))
                pkg.releases.append(rel)
            self.packages.append(pkg)
        return self


class Resolver:
    def __init__(self, universe):
        self.universe = universe
        self.conflicts = 0

    def resolve(self, package):
        chosen = {}
        todo = [(package, 0, 99)]
        while todo:
            pkg, lo, hi = todo.pop()
            have = chosen.get(pkg.name)
            if have is not None:
                if not lo <= have.version <= hi:
                    self.conflicts += 1
                continue
            rel = pkg.best(lo, hi)
            if rel is None:
                self.conflicts += 1
                continue
            chosen[pkg.name] = rel
            todo.extend(rel.needs)
        return chosen


def main():
    with collector_off():
        universe = Universe.load(36_000, 2)
    print("packages", len(universe.packages), "releases", sum(len(p.releases) for p in universe.packages))
    resolver = Resolver(universe)
    sizes = []
    checks = 0
    for k, pkg in enumerate(universe.packages[::2]):
        plan = resolver.resolve(pkg)
        sizes.append(len(plan))
        checks = (checks * 33 + sum(rel.version for rel in plan.values())) & 0xFFFFFFFF
    print("plans", len(sizes), "largest", max(sizes), "conflicts", resolver.conflicts)
    print(f"{checks:08x}")


if __name__ == "__main__":
    main()
