"""A flood over a field whose cells are kept as pairs of numbers in a set."""

from collections import deque

SIZE = 360


def is_open(row, column):
    return (row * 7 + column * 13) % 11 != 0


def flood(row, column):
    seen = {(row, column)}
    waiting = deque(seen)
    while waiting:
        row, column = waiting.popleft()
        for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            cell = (row + down) % SIZE, (column + right) % SIZE
            if cell not in seen and is_open(*cell):
                seen.add(cell)  # advise: compact
                waiting.append(cell)
    return seen


print(len(flood(180, 181)))
