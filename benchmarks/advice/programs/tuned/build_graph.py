"""Order the targets of a large build so that each comes after what it depends on."""

import heapq
from collections.abc import Iterable, Iterator


class Target:
    __slots__ = ("name", "needs", "wanted_by", "waiting")

    def __init__(self, name: str, needs: list, wanted_by: list) -> None:
        self.name = name
        self.needs = needs
        self.wanted_by = wanted_by
        self.waiting = 0


def manifest(count: int) -> Iterator[tuple[str, list[str]]]:
    """Targets with two dependencies each, as the build files list them."""
    for n in range(count):
        first, second = n // 2, n * 2 // 3
        yield f"//lib:t{n}", [f"//lib:t{d}" for d in {first, second} if d < n]


class BuildGraph:
    def __init__(self) -> None:
        self.targets: dict[str, Target] = {}

    def load(self, entries: Iterable[tuple[str, list[str]]]) -> None:
        for name, needs in entries:
            target = Target(name, [], [])  # advise: gc-pressure
            self.targets[name] = target
            for other in needs:
                wanted = self.targets[other]
                target.needs.append(wanted)
                wanted.wanted_by.append(target)

    def order(self) -> Iterator[Target]:
        ready = []
        for target in self.targets.values():
            target.waiting = len(target.needs)
            if not target.waiting:
                heapq.heappush(ready, target.name)
        while ready:
            target = self.targets[heapq.heappop(ready)]
            yield target
            for later in target.wanted_by:
                later.waiting -= 1
                if not later.waiting:
                    heapq.heappush(ready, later.name)


def main() -> None:
    graph = BuildGraph()
    graph.load(manifest(170_000))
    checksum = position = 0
    for position, target in enumerate(graph.order(), start=1):
        checksum = (checksum * 31 + len(target.name) * position) % 1_000_000_007
    print(position, "targets, checksum", checksum)


if __name__ == "__main__":
    main()
