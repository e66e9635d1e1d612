"""Mixes eight recorded channels of 16-bit samples down to one, block after block."""

import os
import random
import tempfile
from array import array

BLOCK = 1 << 20


def record(path, blocks, seed):
    rng = random.Random(seed)
    noise = rng.randbytes(BLOCK)
    with open(path, "wb") as out:
        for turn in range(blocks):
            out.write(noise[turn:] + noise[:turn])


class LevelMeter:
    def __init__(self):
        self.peak = 0
        self.crossings = 0

    def feed(self, samples, stride):
        before = 0
        for value in samples[::stride]:
            self.peak = max(self.peak, value)
            if (value < 0) != (before < 0):
                self.crossings += 1
            before = value


def mixdown(paths):
    meter = LevelMeter()
    mixed = 0
    files = [open(path, "rb", buffering=0) for path in paths]
    block = array("h", [0]) * (BLOCK // 2)
    try:
        while True:
            for handle in files:
                got = handle.readinto(block)
                if got == 0:
                    return meter, mixed
                mixed += got
                meter.feed(memoryview(block)[: got // 2].tolist() if got < BLOCK else block, 8191)
    finally:
        for handle in files:
            handle.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"channel{i}.raw") for i in range(8)]
        for number, path in enumerate(paths):
            record(path, 12, number)
        totals = []
        for _ in range(60):
            meter, mixed = mixdown(paths)
            totals.append((meter.peak, meter.crossings, mixed))
    print(len(totals), totals[0])


if __name__ == "__main__":
    main()
