"""Cyclic cellular automaton with an undo history and time travel."""
# forbid: reuse-buffer pool leak release-early
import random
import zlib
from collections import deque

STATES = 6


class World:
    def __init__(self, width, height, seed):
        self.width, self.height = width, height
        rng = random.Random(seed)
        self.cells = bytes(rng.choices(range(STATES), k=width * height))
        self.generation = 0

    def step(self):
        w, cells = self.width, self.cells
        size = len(cells)
        up = cells[-w:] + cells[:-w]
        down = cells[w:] + cells[:w]
        left = cells[-1:] + cells[:-1]
        right = cells[1:] + cells[:1]
        follow = bytes((s + 1) % STATES for s in range(256))
        wanted = cells.translate(follow)
        self.cells = bytes(
            [n if n == a or n == b or n == c or n == d else s
             for s, n, a, b, c, d in zip(cells, wanted, up, down, left, right)]
        )
        assert len(self.cells) == size
        self.generation += 1


class History:
    """The last `depth` generations, kept as they are so that going back is instant."""

    def __init__(self, depth):
        self.frames = deque(maxlen=depth)

    def record(self, world):
        self.frames.append((world.generation, world.cells))

    def rewind(self, world, steps):
        for _ in range(steps):
            if len(self.frames) < 2:
                break
            self.frames.pop()
        world.generation, world.cells = self.frames[-1]

    def changed(self):
        """How many cells differ between the oldest and the newest frame."""
        (_, a), (_, b) = self.frames[0], self.frames[-1]
        return sum(map(int.__ne__, a, b))


def census(cells):
    return [cells.count(s) for s in range(STATES)]


def main():
    world = World(360, 240, seed=3)
    history = History(24)
    history.record(world)
    script = [("run", 45), ("back", 10), ("run", 30), ("back", 40), ("run", 25)]
    for command, amount in script:
        if command == "run":
            for _ in range(amount):
                world.step()
                history.record(world)
        else:
            history.rewind(world, amount)
        print(f"{command:4s} {amount:3d} -> generation {world.generation:3d} crc {zlib.crc32(world.cells):08x} "
              f"kept {len(history.frames)} changed {history.changed()}")
    print("census", census(world.cells))


if __name__ == "__main__":
    main()
