"""Expand the full position graph of a small take-away game and find the best openings."""
import argparse
from collections import deque


# may: compact
class Position:
    def __init__(self, heaps, mover):
        self.heaps = heaps
        self.mover = mover
        self.moves = {}
        self.parents = []
        self.value = None


class Graph:
    def __init__(self):
        self.known = {}
        self.order = []

    def get(self, heaps, mover):
        key = (heaps, mover)
        pos = self.known.get(key)
        if pos is None:
            pos = self.known[key] = Position(heaps, mover)
            self.order.append(pos)
            return pos, True
        return pos, False

    def expand(self, heaps):
        start, _ = self.get(heaps, 0)
        queue = deque([start])
        while queue:
            pos = queue.popleft()
            for i, heap in enumerate(pos.heaps):
                for take in (1, 2, 4, 7):
                    if take > heap:
                        break
                    after = pos.heaps[:i] + (heap - take,) + pos.heaps[i + 1:]
                    nxt, fresh = self.get(after, 1 - pos.mover)
                    pos.moves[i, take] = nxt  # advise: gc-pressure
                    nxt.parents.append((pos, i, take))
                    if fresh:
                        queue.append(nxt)
        return start


class Solver:
    def __init__(self, graph):
        self.graph = graph

    def solve(self):
        ordered = sorted(self.graph.order, key=lambda p: sum(p.heaps))
        for pos in ordered:
            pos.value = any(not n.value for n in pos.moves.values())

    def openings(self, start):
        return sorted(m for m, n in start.moves.items() if not n.value)


def longest_line(start):
    line = []
    pos = start
    while pos.moves:
        move = min(pos.moves, key=lambda m: (pos.moves[m].value, m))
        line.append(move)
        pos = pos.moves[move]
    return line


def main(argv=None):
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("heaps", nargs="*", type=int, default=[12, 13, 12, 11])
    opts = cli.parse_args(argv)
    graph = Graph()
    start = graph.expand(tuple(opts.heaps))
    solver = Solver(graph)
    solver.solve()
    print("positions", len(graph.order), "edges", sum(len(p.moves) for p in graph.order))
    print("openings", solver.openings(start))
    line = longest_line(start)
    print("line", len(line), line[:5])
    lost = sum(not p.value for p in graph.order)
    print("lost", lost, "in-degree", max(len(p.parents) for p in graph.order))


if __name__ == "__main__":
    main()
