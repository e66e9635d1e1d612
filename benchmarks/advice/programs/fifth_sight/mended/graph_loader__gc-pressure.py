"""Load a road network and answer shortest path questions."""
import gc
import heapq
import random


def road_lines(side, seed=19):
    rng = random.Random(seed)
    for y in range(side):
        for x in range(side):
            here = y * side + x
            if x + 1 < side:
                yield here, here + 1, rng.randrange(1, 30)
            if y + 1 < side:
                yield here, here + side, rng.randrange(1, 30)


class Network:
    def __init__(self, nodes):
        self.links = [[] for _ in range(nodes)]
        self.toll = {}

    def connect(self, a, b, cost):
        self.links[a].append([b, cost])
        self.links[b].append([a, cost])
        if cost == 29:
            self.toll[a, b] = 5

    def load(self, lines):
        gc.disable()
        for a, b, cost in lines:
            self.connect(a, b, cost)
        gc.enable()
        gc.freeze()
        return self

    def close_road(self, a, b):
        for start, stop in ((a, b), (b, a)):
            for link in self.links[start]:
                if link[0] == stop:
                    link[1] = 10_000

    def shortest(self, start, goal):
        best = {start: 0}
        heap = [(0, start)]
        while heap:
            cost, node = heapq.heappop(heap)
            if node == goal:
                return cost
            if cost > best[node]:
                continue
            for other, step in self.links[node]:
                total = cost + step + self.toll.get((node, other), 0)
                if total < best.get(other, 1 << 60):
                    best[other] = total
                    heapq.heappush(heap, (total, other))
        return None


def main():
    side = 430
    network = Network(side * side).load(road_lines(side))
    rng = random.Random(2)
    for _ in range(500):
        node = rng.randrange(side * side - side - 1)
        network.close_road(node, node + side)
    for dx, dy in ((12, 30), (40, 9), (25, 25)):
        start = 200 * side + 150
        print((dx, dy), network.shortest(start, start + dy * side + dx))
    print("links", sum(map(len, network.links)), "tolls", len(network.toll))


if __name__ == "__main__":
    main()
