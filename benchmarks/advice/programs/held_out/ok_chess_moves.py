"""Counts knight walks with an explicit stack of short immutable paths."""
# forbid: grow-copy, leak
from collections import Counter
from typing import NamedTuple

SIZE = 6
JUMPS = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))


class Square(NamedTuple):
    x: int
    y: int

    def neighbours(self):
        for dx, dy in JUMPS:
            x, y = self.x + dx, self.y + dy
            if 0 <= x < SIZE and 0 <= y < SIZE:
                yield Square(x, y)


BOARD = {Square(x, y): list(Square(x, y).neighbours()) for x in range(SIZE) for y in range(SIZE)}


def walks(start, length):
    stack = [(start,)]
    while stack:
        path = stack.pop()
        if len(path) == length:
            yield path
            continue
        for square in BOARD[path[-1]]:
            if square not in path:
                stack.append(path + (square,))


def describe(path):
    text = ""
    for square in path:
        text += "abcdef"[square.x] + str(square.y + 1) + " "
    return text.rstrip()


ends = Counter()
first = None
for corner in (Square(0, 0), Square(2, 1)):
    for path in walks(corner, 10):
        ends[path[-1]] += 1
        text = describe(path)
        if first is None or text < first:
            first = text
print(sum(ends.values()), "walks, first", first)
for square, count in sorted(ends.items(), key=lambda item: (-item[1], item[0]))[:4]:
    print(*square, count)
