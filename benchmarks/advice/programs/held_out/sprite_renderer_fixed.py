#!/usr/bin/env python3
"""Software renderer of a little demo scene, prints one checksum per second of film."""
import argparse
import math
import zlib

WIDTH, HEIGHT, BPP = 1280, 720, 4


class Sprite:
    def __init__(self, w, h, colour, phase):
        self.w, self.h = w, h
        self.row = bytes(colour) * w
        self.phase = phase

    def position(self, t):
        x = WIDTH / 2 + math.cos(t * 0.7 + self.phase) * (WIDTH / 2 - self.w)
        y = HEIGHT / 2 + math.sin(t * 1.3 + self.phase) * (HEIGHT / 2 - self.h)
        return (min(max(int(x), 0), WIDTH - self.w), min(max(int(y), 0), HEIGHT - self.h))


class Canvas:
    stride = WIDTH * BPP

    def __init__(self, pixels):
        self.pixels = pixels

    def blit(self, sprite, x, y):
        px = self.pixels
        n = len(sprite.row)
        at = y * self.stride + x * BPP
        for _ in range(sprite.h):
            px[at:at + n] = sprite.row
            at += self.stride

    def fill_rows(self, y, height, rows):
        self.pixels[y * self.stride:(y + height) * self.stride] = rows


class Scene:
    def __init__(self, sprites, fps=25):
        self.sprites = sprites
        self.fps = fps
        self.bands = [bytes((0, 0, 60 + 5 * b, 255)) * (WIDTH * 36) for b in range(HEIGHT // 36)]
        self.pixels = bytearray(WIDTH * HEIGHT * BPP)

    def frame(self, number):
        pixels = self.pixels
        canvas = Canvas(pixels)
        t = number / self.fps
        for b, rows in enumerate(self.bands):
            canvas.fill_rows(b * 36, 36, rows)
        for sp in self.sprites:
            canvas.blit(sp, *sp.position(t))
        return pixels

    def film(self, count):
        for i in range(count):
            yield i, self.frame(i)


def build_scene():
    sprites = []
    for i in range(14):
        colour = ((i * 37) % 256, (i * 91) % 256, (i * 53) % 256, 255)
        sprites.append(Sprite(30 + 4 * i, 20 + 3 * i, colour, i * 0.45))
    return Scene(sprites)


def main(argv=None):
    ap = argparse.ArgumentParser()
    ap.add_argument("--frames", type=int, default=600)
    opts = ap.parse_args(argv)
    scene = build_scene()
    crc = 0
    lit = 0
    for i, pixels in scene.film(opts.frames):
        crc = zlib.crc32(pixels, crc)
        if i % 25 == 24:
            lit += len(pixels) - pixels.count(0)
            if i % 175 == 174:
                print(f"{(i + 1) // 25:4d}s {crc:08x}")
    print("total", f"{crc:08x}", lit)


if __name__ == "__main__":
    main()
