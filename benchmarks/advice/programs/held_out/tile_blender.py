"""Composites sprites on RGBA map tiles and prints a digest of every tile."""
# may: reuse-buffer
import hashlib
import random
import zlib

TILE = 640
STRIDE = TILE * 4


class Sprite:
    def __init__(self, width, height, colour):
        self.width = width
        self.height = height
        self.row = bytes(colour) * width

    def blit(self, canvas, x, y):
        size = len(self.row)
        for line in range(y, y + self.height):
            start = line * STRIDE + x * 4
            canvas[start : start + size] = self.row


class Compositor:
    def __init__(self, sprites):
        self.sprites = sprites
        self.rendered = 0

    def render(self, placements):
        canvas = bytearray(STRIDE * TILE)  # advise: reuse-buffer
        dirty = set()
        for index, x, y in placements:
            sprite = self.sprites[index]
            sprite.blit(canvas, x, y)
            dirty.update(range(y, y + sprite.height))
        self.rendered += 1
        digest = zlib.crc32(bytes(TILE))
        view = memoryview(canvas)
        for line in sorted(dirty):
            digest = zlib.crc32(view[line * STRIDE : (line + 1) * STRIDE], digest)
        return digest


def placements_for(rng, sprites):
    found = []
    for _ in range(rng.randint(1, 5)):
        index = rng.randrange(len(sprites))
        sprite = sprites[index]
        x = rng.randrange(TILE - sprite.width)
        y = rng.randrange(TILE - sprite.height)
        found.append((index, x, y))
    return found


def main():
    rng = random.Random(5)
    sprites = [
        Sprite(rng.randint(8, 60), rng.randint(8, 24), rng.randbytes(4)) for _ in range(12)
    ]
    compositor = Compositor(sprites)
    summary = hashlib.sha1()
    for _ in range(5000):
        summary.update(compositor.render(placements_for(rng, sprites)).to_bytes(4, "big"))
    print(compositor.rendered, "tiles", summary.hexdigest())


if __name__ == "__main__":
    main()
