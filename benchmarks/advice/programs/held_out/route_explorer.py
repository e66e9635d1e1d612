"""Finds the way through a braided maze and keeps the trail of the walker as an immutable tuple."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Walker:
    x: int = 0
    y: int = 0
    trail: tuple = ()
    turns: dict = field(default_factory=dict)

    def step(self, direction):
        dx, dy = {"N": (0, -1), "S": (0, 1), "E": (1, 0), "W": (-1, 0)}[direction]
        self.x += dx
        self.y += dy
        self.trail = (*self.trail, (self.x, self.y))  # advise: grow-copy
        self.turns[direction] = self.turns.get(direction, 0) + 1


def wall(x, y, size):
    if not (0 <= x < size and 0 <= y < size):
        return True
    return y % 2 == 1 and x != (size - 1 if (y // 2) % 2 == 0 else 0)


def solve(size):
    """Breadth first from the top left to the bottom right corner, as a string of directions."""
    goal = (size - 1, size - 1)
    came = {(0, 0): None}
    todo = deque([(0, 0)])
    while todo:
        x, y = here = todo.popleft()
        if here == goal:
            break
        for name, there in (("N", (x, y - 1)), ("S", (x, y + 1)), ("E", (x + 1, y)), ("W", (x - 1, y))):
            if there not in came and not wall(*there, size):
                came[there] = (here, name)
                todo.append(there)
    moves = []
    while came[goal]:
        goal, name = came[goal]
        moves.append(name)
    return "".join(reversed(moves))


def main():
    moves = solve(221)
    walker = Walker()
    for move in moves:
        walker.step(move)
    print(len(moves), len(set(walker.trail)), walker.trail[-1], sorted(walker.turns.items()))


if __name__ == "__main__":
    main()
