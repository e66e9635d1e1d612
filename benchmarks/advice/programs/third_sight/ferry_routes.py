import heapq
import random
from array import array


class Net:
    """Edges in rows: those of node n are at starts[n]:starts[n + 1]."""

    def __init__(self, starts, heads, costs):
        self.starts = starts
        self.heads = heads
        self.costs = costs

    @classmethod
    def grid(cls, side, seed):
        rng = random.Random(seed)
        starts, heads, costs = array("i", [0]), array("i"), array("H")
        for node in range(side * side):
            row, col = divmod(node, side)
            for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                if 0 <= row + dr < side and 0 <= col + dc < side:
                    heads.append(node + dr * side + dc)
                    costs.append(rng.randint(1, 500))
            starts.append(len(heads))
        return cls(starts, heads, costs)

    def __len__(self):
        return len(self.starts) - 1

    def spread(self, origin):
        far = array("q", [-1]) * len(self)
        heap = [(0, origin)]
        while heap:
            cost, node = heapq.heappop(heap)
            if far[node] >= 0:
                continue
            far[node] = cost
            for e in range(self.starts[node], self.starts[node + 1]):
                there = self.heads[e]
                if far[there] < 0:
                    heapq.heappush(heap, (cost + self.costs[e], there))
        return far


def main():
    net = Net.grid(260, 6)
    mix = 0
    for origin in (0, 33000, len(net) - 1):
        far = net.spread(origin)
        most = max(range(len(far)), key=far.__getitem__)
        mix ^= sum(far)
        print("from", origin, "farthest", most, "cost", far[most])
    print("mix", mix)


if __name__ == "__main__":
    main()
