"""Builds graphs with networkx and walks them: dicts of dicts, generators, heap queues."""

from __future__ import annotations

import networkx as nx
import stopwatch


def network(size: int, shift: int) -> nx.Graph:
    graph = nx.Graph()
    for node in range(size):
        for step in (1, 7, 31 + shift):
            graph.add_edge(node, (node * step + step) % size, weight=(node * step) % 11 + 1)
    return graph


def work(scale: int) -> int:
    seen = 0
    for turn in range(14 * scale):
        graph = network(700, turn % 5)
        for source in range(0, 700, 70):
            seen += len(nx.single_source_dijkstra_path_length(graph, source))
            seen += sum(1 for _ in nx.bfs_edges(graph, source))
        seen += nx.number_connected_components(graph)
        seen += sum(nx.core_number(nx.Graph((a, b) for a, b in graph.edges if a != b)).values())
        seen += len(nx.minimum_spanning_tree(graph).edges)
    return seen


if __name__ == "__main__":
    stopwatch.main(work)
