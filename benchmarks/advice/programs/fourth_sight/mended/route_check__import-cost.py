"""How robust is the depot network? Close random roads, see whether deliveries still pass."""
import math
import random


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
        graph = {n: [] for n in range(len(self.where))}
        for a, b in self.roads:
            if (a, b) not in closed:
                graph[a].append(b)
                graph[b].append(a)
        return graph

    def parts(self, closed):
        graph = self.network(closed)
        seen = set()
        parts = 0
        for start in graph:
            if start in seen:
                continue
            parts += 1
            todo = [start]
            while todo:
                here = todo.pop()
                if here not in seen:
                    seen.add(here)
                    todo.extend(graph[here])
        return parts


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
