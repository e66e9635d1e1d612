"""Plasma animation with an undo-able recorder: the last frames stay available for scrubbing."""
# forbid: reuse-buffer leak
import math
import random
import zlib
from collections import deque

W, H = 320, 240


class Plasma:
    def __init__(self, seed):
        rng = random.Random(seed)
        self.waves = [(rng.uniform(10, 40), rng.uniform(-2, 2)) for _ in range(3)]
        self.rows = [bytes((x * (k + 1) + k * 17) & 0xFF for x in range(2 * W)) for k in range(8)]

    def frame(self, t):
        pixels = bytearray(W * H)
        for y in range(H):
            shift = 0.0
            for length, speed in self.waves:
                shift += math.sin(y / length + speed * t)
            at = int((shift + 3) / 6 * (W - 1))
            row = self.rows[(y + int(t * 9)) & 7]
            pixels[y * W:(y + 1) * W] = row[at:at + W]
        return pixels


class Recorder:
    def __init__(self, keep):
        self.frames = deque(maxlen=keep)
        self.seen = 0

    def push(self, frame):
        self.seen += 1
        self.frames.append(frame)

    def scrub(self, back):
        return self.frames[-1 - back]

    def motion(self):
        a, b = self.frames[0], self.frames[-1]
        return sum(x != y for x, y in zip(a[::31], b[::31]))


class Player:
    def __init__(self, source, recorder):
        self.source = source
        self.recorder = recorder
        self.checks = []

    def run(self, frames):
        for n in range(frames):
            self.recorder.push(self.source.frame(n / 25))
            if n % 100 == 99:
                self.checks.append(zlib.crc32(self.recorder.scrub(60)))
                self.checks.append(self.recorder.motion())


def main():
    recorder = Recorder(120)
    player = Player(Plasma(6), recorder)
    player.run(3600)
    print("frames", recorder.seen, "kept", len(recorder.frames))
    print(player.checks[-6:])
    print(sum(player.checks))


if __name__ == "__main__":
    main()
