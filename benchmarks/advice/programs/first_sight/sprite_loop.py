"""Software renderer: moves sprites over a backdrop and checks every n-th picture."""
import random
import zlib
from dataclasses import dataclass

W, H = 960, 600
BPP = 4


@dataclass(slots=True)
class Sprite:
    x: int
    y: int
    dx: int
    dy: int
    image: "Image"

    def move(self):
        self.x += self.dx
        self.y += self.dy
        if not 0 <= self.x <= W - self.image.width:
            self.dx = -self.dx
            self.x += 2 * self.dx
        if not 0 <= self.y <= H - self.image.height:
            self.dy = -self.dy
            self.y += 2 * self.dy


class Image:
    def __init__(self, width, height, colour):
        self.width, self.height = width, height
        self.rows = [bytes(colour) * width for _ in range(height)]


class Scene:
    def __init__(self, seed):
        rng = random.Random(seed)
        images = [Image(24 + 8 * i, 16 + 4 * i, rng.randbytes(BPP)) for i in range(4)]
        self.sprites = [
            Sprite(rng.randrange(W - 64), rng.randrange(H - 40), rng.randrange(1, 6), rng.randrange(1, 6), rng.choice(images))
            for _ in range(12)
        ]
        line = bytes(range(256)) * (W * BPP // 256)
        self.backdrop = line * H

    def advance(self):
        for s in self.sprites:
            s.move()


class Renderer:
    def __init__(self, scene):
        self.scene = scene
        self.frames = 0

    def draw(self):
        picture = bytearray(W * H * BPP)  # advise: reuse-buffer
        picture[:] = self.scene.backdrop
        for s in self.scene.sprites:
            self.blit(picture, s)
        self.frames += 1
        return picture

    def blit(self, picture, sprite):
        n = sprite.image.width * BPP
        at = (sprite.y * W + sprite.x) * BPP
        for row in sprite.image.rows:
            picture[at:at + n] = row
            at += W * BPP


class Monitor:
    def __init__(self, every):
        self.every = every
        self.check = 0

    def see(self, number, picture):
        if number % self.every == 0:
            self.check = zlib.crc32(picture, self.check)


def main():
    scene = Scene(10)
    renderer, monitor = Renderer(scene), Monitor(50)
    for n in range(1500):
        scene.advance()
        monitor.see(n, renderer.draw())
    print("frames", renderer.frames, "check", monitor.check)
    print([(s.x, s.y) for s in scene.sprites[:5]])


if __name__ == "__main__":
    main()
