# forbid: reuse-buffer pool leak
"""Audio clips are synthesised, queued to a playback thread and mixed there."""
import collections
import math
import queue
import random
import threading
import zlib
from array import array

RATE = 16_000


class Oscillator:
    def __init__(self, freq, volume):
        period = max(8, round(RATE / freq))
        self.wave = array("h", (int(volume * math.sin(math.tau * i / period)) for i in range(period)))

    def fill(self, out, start, length):
        w = self.wave
        turns, rest = divmod(length, len(w))
        out[start:start + length] = w * turns + w[:rest]


class Clip:
    def __init__(self, name, samples):
        self.name = name
        self.samples = samples

    @property
    def seconds(self):
        return len(self.samples) / RATE


class Synth:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.bank = [Oscillator(110 * 2 ** (k / 12), 900 + 40 * k) for k in range(24)]

    def clip(self, name):
        notes = self.rng.randint(4, 9)
        length = RATE // 4
        samples = array("h", bytes(2 * length * notes))
        for k in range(notes):
            self.rng.choice(self.bank).fill(samples, k * length, length)
        return Clip(name, samples)


class Player(threading.Thread):
    """Holds on to the last few clips for cross-fading; the older ones go."""

    OVERLAP = 4

    def __init__(self, inbox):
        super().__init__(name="player")
        self.inbox = inbox
        self.recent = collections.deque(maxlen=self.OVERLAP)
        self.crc = 0
        self.seconds = 0.0
        self.loudest = 0

    def mix(self):
        n = min(len(c.samples) for c in self.recent)
        for at in range(0, n, 97):
            level = 0
            for age, c in enumerate(self.recent):
                level += c.samples[at] >> (self.OVERLAP - age)
            if level > self.loudest:
                self.loudest = level
            self.crc = (self.crc * 31 + level) & 0xFFFFFFFF

    def run(self):
        while True:
            clip = self.inbox.get()
            if clip is None:
                break
            self.recent.append(clip)
            self.seconds += clip.seconds
            self.crc = zlib.adler32(clip.samples, self.crc)
            self.mix()


def main():
    inbox = queue.Queue(maxsize=3)
    player = Player(inbox)
    player.start()
    synth = Synth(440)
    for i in range(3600):
        inbox.put(synth.clip(f"clip-{i}"))
    inbox.put(None)
    player.join()
    print("seconds", round(player.seconds, 2), "loudest", player.loudest)
    print(f"{player.crc:08x}")


if __name__ == "__main__":
    main()
