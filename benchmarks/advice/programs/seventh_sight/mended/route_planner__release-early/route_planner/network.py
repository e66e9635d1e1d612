import random

import networkx as nx


def load_network(side, seed):
    rng = random.Random(seed)
    graph = nx.Graph(name="regional")
    for x in range(side):
        for y in range(side):
            here = x * side + y
            graph.add_node(here, zone=(x // 10, y // 10), stop=rng.random() < 0.08)
            if x:
                graph.add_edge(here, here - side, minutes=rng.randint(2, 9), surface="paved")
            if y:
                graph.add_edge(here, here - 1, minutes=rng.randint(2, 9), surface="paved")
    return graph


def stop_distances(graph, origin):
    lengths = nx.single_source_dijkstra_path_length(graph, origin, weight="minutes")
    return {node: lengths[node] for node, stop in graph.nodes(data="stop") if stop}
