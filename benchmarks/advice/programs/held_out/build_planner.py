# forbid: gc-pressure leak release-early
# may: compact
"""Build planner: loads a monorepo's target graph once, then answers "what has
to be rebuilt" questions for a stream of changes."""
import gc
import random
from collections import Counter, deque
from contextlib import contextmanager


class Target:
    __slots__ = ("ident", "cost", "deps", "users", "stamp")

    def __init__(self, ident, cost):
        self.ident = ident
        self.cost = cost
        self.deps = []
        self.users = []
        self.stamp = 0


@contextmanager
def bulk_load():
    """The graph lives as long as the process does: keep it out of collections."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


class Graph:
    def __init__(self):
        self.targets = []
        self.clock = 0

    def grow(self, n, seed):
        rnd = random.Random(seed).random
        targets = self.targets
        for ident in range(n):
            target = Target(ident, 1 + int(rnd() * 20))
            span = min(ident, 3_000)
            for _ in range(int(rnd() * 3.5) if ident else 0):
                dep = targets[ident - 1 - int(rnd() * span)]
                target.deps.append(dep)
                dep.users.append(target)
            targets.append(target)

    def affected(self, changed, limit):
        """Breadth first over the users, each target once."""
        self.clock += 1
        todo = deque(changed)
        while todo and limit:
            target = todo.popleft()
            if target.stamp == self.clock:
                continue
            target.stamp = self.clock
            limit -= 1
            yield target
            todo.extend(target.users)


class Planner:
    def __init__(self, graph):
        self.graph = graph
        self.sizes = Counter()

    def plan(self, changed):
        cost = depth = 0
        for target in self.graph.affected(changed, limit=1_500):
            cost += target.cost
            depth = max(depth, len(target.deps))
        self.sizes[min(cost // 2_000, 7)] += 1
        return cost, depth


def changes(graph, n, seed):
    rng = random.Random(seed)
    for _ in range(n):
        yield rng.sample(graph.targets, rng.randint(1, 4))


def main():
    graph = Graph()
    with bulk_load():
        graph.grow(150_000, seed=15)
    planner = Planner(graph)
    total, deepest = 0, 0
    for changed in changes(graph, 3_000, seed=16):
        cost, depth = planner.plan(changed)
        total += cost
        deepest = max(deepest, depth)
    print(total, deepest, sorted(planner.sizes.items()))
    print(sum(len(t.users) for t in graph.targets), max(len(t.users) for t in graph.targets))


if __name__ == "__main__":
    main()
