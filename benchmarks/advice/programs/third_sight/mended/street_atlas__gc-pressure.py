import heapq
import random
from array import array


class Atlas:
    def __init__(self):
        self.roads = []

    def lay(self, side, seed):
        rng = random.Random(seed)
        roll = rng.random
        for node in range(side * side):
            ways = []
            row, col = divmod(node, side)
            if col + 1 < side:
                ways += (node + 1, int(roll() * 90) + 1)
            if row + 1 < side:
                ways += (node + side, int(roll() * 90) + 1)
            if col:
                ways += (node - 1, int(roll() * 90) + 1)
            if row and roll() < 0.5:
                ways += (node - side, int(roll() * 90) + 1)
            self.roads.append(array("l", ways))

    def widen(self, every):
        for ways in self.roads[::every]:
            for i in range(1, len(ways), 2):
                ways[i] = max(1, ways[i] // 2)

    def shortest(self, start, goal):
        best = {start: 0}
        heap = [(0, start)]
        while heap:
            cost, node = heapq.heappop(heap)
            if node == goal:
                return cost, len(best)
            if cost > best[node]:
                continue
            for there, length in zip(self.roads[node][::2], self.roads[node][1::2]):
                new = cost + length
                if new < best.get(there, 1 << 60):
                    best[there] = new
                    heapq.heappush(heap, (new, there))
        return -1, len(best)


def main():
    side = 440
    atlas = Atlas()
    atlas.lay(side, 10)
    atlas.widen(7)
    rng = random.Random(1)
    for _ in range(6):
        a = rng.randrange(side * side)
        row, col = divmod(a, side)
        b = min(row + 30, side - 1) * side + min(col + 30, side - 1)
        print(a, b, *atlas.shortest(a, b))


if __name__ == "__main__":
    main()
