"""Builds a road network and answers routing queries on it."""
from __future__ import annotations

import gc
from dataclasses import dataclass, field
from heapq import heappop, heappush


@dataclass(slots=True)
class Crossing:
    ident: int
    roads: list[tuple[int, int]] = field(default_factory=list)
    tags: dict[str, int] = field(default_factory=dict)


@dataclass
class Network:
    crossings: list[Crossing] = field(default_factory=list)

    def build(self, side: int) -> Network:
        state = 7
        for ident in range(side * side):
            crossing = Crossing(ident)
            row, column = divmod(ident, side)
            for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if 0 <= r < side and 0 <= c < side:
                    state = (state * 69069 + 1) & 0xFFFFFFFF
                    crossing.roads.append((r * side + c, 1 + state % 90))
            crossing.tags["row"] = row
            self.crossings.append(crossing)
        return self

    def route(self, start: int, limit: int) -> int:
        best = {start: 0}
        heap = [(0, start)]
        reached = 0
        while heap:
            cost, at = heappop(heap)
            if cost > best[at]:
                continue
            reached += 1
            for other, length in self.crossings[at].roads:
                total = cost + length
                if total <= limit and total < best.get(other, limit + 1):
                    best[other] = total
                    heappush(heap, (total, other))
        return reached


def main() -> None:
    gc.disable()
    network = Network().build(300)
    gc.freeze()
    gc.enable()
    print(sum(network.route(start * 797 % 90_000, 200) for start in range(8)))


if __name__ == "__main__":
    main()
