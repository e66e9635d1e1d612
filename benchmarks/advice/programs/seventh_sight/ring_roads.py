import random
from itertools import islice

import networkx as nx


class RoadMap:
    def __init__(self, towns, seed):
        rng = random.Random(seed)
        self.graph = nx.cycle_graph(towns)
        for _ in range(towns):
            a, b = rng.sample(range(towns), 2)
            self.graph.add_edge(a, b)
        for index, (a, b) in enumerate(sorted(self.graph.edges)):
            self.graph.edges[a, b]["km"] = 3 + index * 31 % 47

    def trip(self, a, b):
        return nx.dijkstra_path_length(self.graph, a, b, weight="km")

    def close_road(self, a, b):
        self.graph.edges[a, b]["km"] = 500

    def busiest(self, count):
        ranked = sorted(self.graph.degree, key=lambda pair: (-pair[1], pair[0]))
        return list(islice(ranked, count))


class Courier:
    def __init__(self, roads, seed):
        self.roads = roads
        self.rng = random.Random(seed)
        self.driven = 0

    def deliver(self, stops):
        towns = self.roads.graph.number_of_nodes()
        here = 0
        for _ in range(stops):
            there = self.rng.randrange(towns)
            self.driven += self.roads.trip(here, there)
            here = there
        return self.driven


def main():
    roads = RoadMap(700, seed=20)
    print(Courier(roads, 1).deliver(180))
    roads.close_road(0, 1)
    roads.close_road(350, 351)
    print(Courier(roads, 1).deliver(180), roads.busiest(3))
    print(roads.graph.number_of_edges())


if __name__ == "__main__":
    main()
