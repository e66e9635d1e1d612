"""Flow-field path finding for a swarm game: one distance map, many agents walking downhill."""
import random
from collections import Counter

WALL, FLOOR, MUD = 1, 0, 2


class Arena:
    def __init__(self, w, h, seed):
        self.w, self.h = w, h
        rng = random.Random(seed)
        self.tiles = bytearray(rng.choices((FLOOR, MUD, WALL), (78, 12, 10), k=w * h))
        for x in range(w):
            self.tiles[x] = self.tiles[(h - 1) * w + x] = WALL
        for y in range(h):
            self.tiles[y * w] = self.tiles[y * w + w - 1] = WALL

    def open(self, x, y):
        return self.tiles[y * self.w + x] != WALL

    def around(self, x, y):
        for nx, ny in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if self.tiles[ny * self.w + nx] != WALL:
                yield nx, ny


class FlowField:
    """Steps to the goal from every reachable tile."""

    def __init__(self, arena, goal):
        self.arena = arena
        self.goal = goal
        self.steps = {goal: 0}
        wave, d = [goal], 0
        while wave:
            d += 1
            wave = [spot for origin in wave for spot in self._spread(origin, d)]
        self.reach = d - 1

    def _spread(self, origin, d):
        for spot in self.arena.around(*origin):
            if spot not in self.steps:
                self.steps[spot] = d  # advise: compact
                yield spot

    def at(self, x, y):
        return self.steps.get((x, y), -1)

    def covered(self):
        return len(self.steps)

    def downhill(self, x, y):
        here = self.at(x, y)
        for nx, ny in self.arena.around(x, y):
            if self.at(nx, ny) == here - 1:
                return nx, ny
        return x, y


def march(field, agents, turns):
    for _ in range(turns):
        agents = [field.downhill(x, y) for x, y in agents]
    return agents


def main():
    arena = Arena(560, 520, seed=12)
    goal = next((x, y) for y in range(260, 300) for x in range(280, 320) if arena.open(x, y))
    field = FlowField(arena, goal)
    print("goal", goal, "reachable", field.covered(), "furthest", field.reach)
    rng = random.Random(5)
    agents = [(rng.randrange(1, 559), rng.randrange(1, 519)) for _ in range(500)]
    agents = [a for a in agents if field.at(*a) >= 0]
    for stage in range(5):
        agents = march(field, agents, 100)
        left = [field.at(*a) for a in agents]
        print("stage", stage, "mean", round(sum(left) / len(left), 2), "home", left.count(0))
    print(Counter(agents).most_common(2))


if __name__ == "__main__":
    main()
