"""Conway's game of life on a torus: two grids take turns, and neither is ever made again."""

# forbid: pool reuse-buffer leak chunk

import random
import zlib

WIDTH, HEIGHT = 256, 160


class Life:
    def __init__(self, seed):
        rng = random.Random(seed)
        self.now = bytearray(rng.random() < 0.3 for _ in range(WIDTH * HEIGHT))
        self.next = bytearray(WIDTH * HEIGHT)
        self.alive = {}

    def step(self):
        now, following = self.now, self.next
        for y in range(HEIGHT):
            above = (y - 1) % HEIGHT * WIDTH
            here = y * WIDTH
            below = (y + 1) % HEIGHT * WIDTH
            for x in range(WIDTH):
                left = x - 1 if x else WIDTH - 1
                right = x + 1 if x < WIDTH - 1 else 0
                count = (
                    now[above + left] + now[above + x] + now[above + right]
                    + now[here + left] + now[here + right]
                    + now[below + left] + now[below + x] + now[below + right]
                )  # fmt: skip
                following[here + x] = count == 3 or (count == 2 and now[here + x])
        self.now, self.next = following, now

    def checksum(self):
        return zlib.crc32(self.now)


def main():
    life = Life(7)
    known = {}
    for generation in range(70):
        life.step()
        known.setdefault(life.checksum(), generation)
    print(sum(life.now), life.checksum(), len(known))


if __name__ == "__main__":
    main()
