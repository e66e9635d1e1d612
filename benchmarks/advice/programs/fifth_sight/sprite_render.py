import math
import random
import zlib

WIDTH, HEIGHT, DEPTH = 1600, 1000, 4
STRIDE = WIDTH * DEPTH


class Sprite:
    def __init__(self, size, colour, phase):
        self.size = size
        self.row = bytes(colour) * size
        self.phase = phase

    def position(self, tick):
        angle = self.phase + tick / 9
        x = int((WIDTH - self.size) * (0.5 + 0.5 * math.cos(angle)))
        y = int((HEIGHT - self.size) * (0.5 + 0.5 * math.sin(angle * 1.3)))
        return x, y


class Stage:
    def __init__(self, seed):
        rng = random.Random(seed)
        self.background = self._paint_background()
        self.sprites = [
            Sprite(rng.randrange(20, 90), rng.randbytes(DEPTH), rng.random() * 6.28)
            for _ in range(25)
        ]

    @staticmethod
    def _paint_background():
        rows = bytearray()
        for y in range(HEIGHT):
            shade = y * 255 // HEIGHT
            rows += bytes((shade, 255 - shade, 40, 255)) * WIDTH
        return rows

    def frames(self, count):
        for tick in range(count):
            canvas = bytearray(self.background)
            for sprite in self.sprites:
                x, y = sprite.position(tick)
                width = len(sprite.row)
                for line in range(y, y + sprite.size):
                    start = line * STRIDE + x * DEPTH
                    canvas[start:start + width] = sprite.row
            yield canvas


def changed_tiles(frame, previous):
    tile = 50 * STRIDE
    view = memoryview(frame)
    sums = [zlib.adler32(view[i:i + tile]) for i in range(0, len(frame), tile)]
    changed = sum(1 for a, b in zip(sums, previous) if a != b) if previous else len(sums)
    return sums, changed


def main():
    stage = Stage(seed=5)
    sums, history = None, []
    for canvas in stage.frames(120):
        sums, changed = changed_tiles(canvas, sums)
        history.append(changed)
    print("frames", len(history), "changed tiles", sum(history))
    print("last", sums[:4])


if __name__ == "__main__":
    main()
