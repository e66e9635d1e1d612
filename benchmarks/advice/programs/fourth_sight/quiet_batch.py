"""Batch of road-network queries. Makes heaps of tuples, sets and lists, none of which lives long."""
import heapq
import random
from array import array
from itertools import islice


class Roads:
    """Compressed rows: the neighbours of n are targets[3n:3n+3]."""

    def __init__(self, nodes, rng):
        self.nodes = nodes
        pick = rng.random
        self.targets = array("I", (int(pick() * nodes) for _ in range(3 * nodes)))
        self.costs = array("B", (1 + int(pick() * 30) for _ in range(3 * nodes)))

    def leaving(self, node):
        at = 3 * node
        return [(self.targets[k], self.costs[k]) for k in range(at, at + 3)]


def visits(roads, start):
    seen = set()
    heap = [(0, start)]
    while heap:
        far, here = heapq.heappop(heap)
        if here in seen:
            continue
        seen.add(here)
        yield far, here
        for there, cost in roads.leaving(here):
            if there not in seen:
                heapq.heappush(heap, (far + cost, there))


def nearest(roads, start, wanted):
    for far, here in islice(visits(roads, start), 2000):
        if here % wanted == 0:
            return far, here
    return None


def main():
    rng = random.Random(55)
    roads = Roads(150_000, rng)
    count = total = farthest = 0
    for _ in range(2200):
        found = nearest(roads, rng.randrange(roads.nodes), wanted=211)
        if found is not None:
            count += 1
            total += found[0]
            farthest = max(farthest, found[0])
    print(count, total, farthest)


if __name__ == "__main__":
    main()
