"""How robust is the depot network? Close random roads, see whether deliveries still pass."""
import math
import random

import networkx as nx


class Depots:
    def __init__(self, seed, count):
        self.rng = random.Random(seed)
        self.where = [(self.rng.random() * 100, self.rng.random() * 100) for _ in range(count)]
        self.roads = {}
        for a in range(count):
            near = sorted(range(count), key=lambda b: math.dist(self.where[a], self.where[b]))
            for b in near[1:4]:
                self.roads[min(a, b), max(a, b)] = math.dist(self.where[a], self.where[b])

    def network(self, closed):
        graph = nx.Graph()
        graph.add_nodes_from(range(len(self.where)))
        graph.add_edges_from(road for road in self.roads if road not in closed)
        return graph

    def parts(self, closed):
        return nx.number_connected_components(self.network(closed))


def simulate(depots, rounds, share):
    roads = sorted(depots.roads)
    broken = 0
    deepest = 0
    for _ in range(rounds):
        closed = set(depots.rng.sample(roads, int(len(roads) * share)))
        parts = depots.parts(closed)
        broken += parts > 1
        deepest = max(deepest, parts)
    return broken, deepest


def main():
    depots = Depots(9, 40)
    for share in (0.1, 0.2, 0.3):
        broken, deepest = simulate(depots, 3000, share)
        print(f"{share:.0%} closed: split in {broken} of 3000, at most {deepest} parts")


if __name__ == "__main__":
    main()
