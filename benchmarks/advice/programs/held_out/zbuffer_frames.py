"""A toy software rasteriser: axis-aligned boards drawn with a depth buffer."""
# may: pool
from array import array
import math
from typing import Iterator, NamedTuple

WIDTH, HEIGHT = 1600, 900
FAR = 1e9


class Board(NamedTuple):
    x: int
    y: int
    width: int
    height: int
    depth: float


def scene(time: float) -> Iterator[Board]:
    for n in range(14):
        angle = time + n * 0.7
        yield Board(
            x=int(730 + 680 * math.cos(angle)),
            y=int(430 + 380 * math.sin(angle * 1.3)),
            width=40 + n * 3,
            height=20 + n * 2,
            depth=10.0 + 5.0 * math.sin(angle * 2.1),
        )


def draw(board: Board, depth: array) -> int:
    """Writes the rows in which the board is nearest; returns the pixels written."""
    written = 0
    strip = array("f", [board.depth]) * board.width
    for row in range(board.y, board.y + board.height):
        start = row * WIDTH + board.x
        if depth[start] > board.depth and depth[start + board.width - 1] > board.depth:
            depth[start : start + board.width] = strip
            written += board.width
    return written


def animate(frames: int) -> list[int]:
    coverage = []
    for frame in range(frames):
        depth = array("f", [FAR]) * (WIDTH * HEIGHT)  # advise: reuse-buffer
        pixels = 0
        for board in scene(frame / 24):
            pixels += draw(board, depth)
        coverage.append(pixels)
    return coverage


if __name__ == "__main__":
    result = animate(1100)
    print("frames", len(result), "least", min(result), "most", max(result), "sum", sum(result))
