"""Builds the graph of a big package archive and orders it so that what is needed comes first."""

import gc
import random
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Package:
    name: int
    needs: list
    wanted_by: list
    open: int = 0


@contextmanager
def stage(log, title):
    yield
    log.append(title)


def archive(count, seed):
    rng = random.Random(seed)
    packages = []
    for number in range(count):
        picks = [rng.randrange(number) for _ in range(rng.randint(1, 3))] if number else []
        packages.append(Package(number, [("depends", packages[n]) for n in picks], []))
    for package in packages:
        package.open = len(package.needs)
        for _, other in package.needs:
            other.wanted_by.append(package)
    return packages


def order(packages):
    ready = deque(p for p in packages if not p.open)
    done = []
    while ready:
        package = ready.popleft()
        done.append(package)
        for other in package.wanted_by:
            other.open -= 1
            if not other.open:
                ready.append(other)
    return done


def main():
    log = []
    with stage(log, "load"):
        gc.disable()
        packages = archive(150_000, 6)
        gc.freeze()
        gc.enable()
    with stage(log, "order"):
        done = order(packages)
    checksum = 0
    for place, package in enumerate(done):
        checksum = (checksum * 31 + place * package.name) % 1_000_000_007
    print(log, len(done), checksum)


if __name__ == "__main__":
    main()
