"""Fireworks show: a game clock drives sparks that leave trails on a small framebuffer."""
import math
import random
import zlib
from array import array


class Clock:
    def __init__(self):
        self.time = 0
        self._hooks = []

    def each_tick(self, hook):
        self._hooks.append(hook)
        return hook

    def run(self, ticks):
        for _ in range(ticks):
            self.time += 1
            done = []
            for hook in self._hooks:
                if hook(self.time) is Clock.DONE:
                    done.append(hook)
            if done:
                gone = {id(hook) for hook in done}
                self._hooks = [hook for hook in self._hooks if id(hook) not in gone]

    DONE = object()


class Screen:
    def __init__(self, w, h):
        self.w, self.h = w, h
        self.px = bytearray(w * h)

    def glow(self, x, y, level):
        if 0 <= x < self.w and 0 <= y < self.h:
            i = int(y) * self.w + int(x)
            self.px[i] = max(self.px[i], level)

    def fade(self):
        self.px = self.px.translate(self.DIM)

    DIM = bytes(max(0, i - 9) for i in range(256))


class Spark:
    LIFE = 24

    def __init__(self, screen, x, y, angle, speed):
        self.screen = screen
        self.x, self.y = x, y
        self.vx, self.vy = speed * math.cos(angle), speed * math.sin(angle)
        self.trail = array("f", bytes(4 * 2 * 300))
        self.age = 0

    def step(self, now):
        if self.age >= self.LIFE:
            return Clock.DONE
        self.vy += 0.08
        self.x += self.vx
        self.y += self.vy
        slot = self.age * 2
        self.trail[slot], self.trail[slot + 1] = self.x, self.y
        for back in range(0, min(slot, 16), 4):
            self.screen.glow(self.trail[slot - back], self.trail[slot - back + 1], 255 - 10 * back)
        self.age += 1


class Show:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.clock = Clock()
        self.screen = Screen(200, 120)
        self.launched = 0
        self.checks = []
        self.clock.each_tick(self.direct)

    def direct(self, now):
        self.screen.fade()
        if now % 12 == 0:
            self.burst(self.rng.uniform(20, 180), self.rng.uniform(15, 60), self.rng.randint(60, 110))
        if now % 150 == 0:
            self.checks.append(zlib.crc32(self.screen.px))

    def burst(self, x, y, count):
        for i in range(count):
            angle = 2 * math.pi * i / count
            self.clock.each_tick(Spark(self.screen, x, y, angle, self.rng.uniform(0.6, 2.2)).step)
        self.launched += count


def main():
    show = Show(31)
    show.clock.run(1500)
    print("sparks", show.launched)
    print(" ".join(f"{c:08x}" for c in show.checks))


if __name__ == "__main__":
    main()
