import heapq
import random


class RoadMap:
    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.roads = {}

    def connect(self, here, there, cost):
        self.roads.setdefault(here, []).append([there, cost])
        self.roads.setdefault(there, []).append([here, cost])

    def lay(self, rng):
        rand = rng.random
        width = self.width
        for y in range(self.height):
            for x in range(width):
                here = y * width + x
                if x + 1 < width:
                    self.connect(here, here + 1, 1 + int(rand() * 9))
                if y + 1 < self.height:
                    self.connect(here, here + width, 1 + int(rand() * 9))
                if rand() < 0.05:
                    self.connect(here, int(rand() * width * self.height), 40)

    def toll(self, surcharge):
        tolled = 0
        for edges in self.roads.values():
            for edge in edges:
                if edge[1] >= 9:
                    edge[1] += surcharge
                    tolled += 1
        return tolled


def shortest(roads, start):
    costs = {start: 0}
    heap = [(0, start)]
    settled = set()
    while heap:
        cost, here = heapq.heappop(heap)
        if here in settled:
            continue
        settled.add(here)
        for there, step in roads[here]:
            total = cost + step
            if total < costs.get(there, 1 << 60):
                costs[there] = total
                heapq.heappush(heap, (total, there))
    return costs


def main():
    roadmap = RoadMap(380, 360)
    roadmap.lay(random.Random(64))
    print(len(roadmap.roads), sum(map(len, roadmap.roads.values())), roadmap.toll(3))
    costs = shortest(roadmap.roads, 0)
    print(max(costs.values()), sum(costs.values()) % 1_000_003)
    print([costs[y * 380 + y] for y in range(50, 350, 60)])


if __name__ == "__main__":
    main()
