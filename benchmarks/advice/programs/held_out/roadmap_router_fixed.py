"""Load a road network into memory and answer routing requests with A*."""
import gc
import heapq
import random


class Junction:
    def __init__(self, ident, x, y):
        self.ident = ident
        self.x, self.y = x, y
        self.roads = []

    def distance(self, other):
        return abs(self.x - other.x) + abs(self.y - other.y)


class Road:
    __slots__ = ("a", "b", "length", "kinds")

    def __init__(self, a, b, length, kinds):
        self.a, self.b, self.length, self.kinds = a, b, length, kinds

    def other(self, j):
        return self.b if j is self.a else self.a


class RoadNetwork:
    def __init__(self, side):
        self.side = side
        self.junctions = []

    @classmethod
    def load(cls, side, records):
        net = cls(side)
        for ident in range(side * side):
            net.junctions.append(Junction(ident, ident % side * 10, ident // side * 10))
        for i, j, length, kinds in records:
            net.connect(i, j, length, kinds)
        return net

    def connect(self, i, j, length, kinds):
        a, b = self.junctions[i], self.junctions[j]
        road = Road(a, b, length, [k for k in kinds.split("|")])
        a.roads.append(road)
        b.roads.append(road)

    def route(self, start, goal, forbid=None):
        src, dst = self.junctions[start], self.junctions[goal]
        best = {start: 0}
        heap = [(src.distance(dst), 0, start)]
        expanded = 0
        while heap:
            _, cost, ident = heapq.heappop(heap)
            if ident == goal:
                return cost, expanded
            if cost > best[ident]:
                continue
            expanded += 1
            here = self.junctions[ident]
            for road in here.roads:
                if forbid in road.kinds:
                    continue
                nxt = road.other(here)
                c = cost + road.length
                if c < best.get(nxt.ident, 1 << 60):
                    best[nxt.ident] = c
                    heapq.heappush(heap, (c + nxt.distance(dst), c, nxt.ident))
        return None, expanded


def survey(side, seed=6):
    """Road records as they would come out of a map extract."""
    rng = random.Random(seed)
    for y in range(side):
        for x in range(side):
            i = y * side + x
            for dx, dy in ((1, 0), (0, 1)):
                if x + dx < side and y + dy < side and rng.random() < 0.9:
                    kinds = "toll|fast" if rng.random() < 0.1 else "local"
                    yield i, i + dy * side + dx, 10 + int(rng.random() * 4), kinds


def main():
    side = 300
    gc.disable()
    net = RoadNetwork.load(side, survey(side))
    gc.freeze()
    gc.enable()
    print("roads", sum(len(j.roads) for j in net.junctions) // 2)
    rng = random.Random(9)
    for _ in range(4):
        x, y = rng.randrange(side - 40), rng.randrange(side - 40)
        a, b = y * side + x, (y + rng.randrange(10, 40)) * side + x + rng.randrange(10, 40)
        free = net.route(a, b)
        cheap = net.route(a, b, forbid="toll")
        print(a, b, free, cheap)


if __name__ == "__main__":
    main()
