"""Motion report for a raw greyscale recording (fixed-size frames, one file per camera)."""
import argparse
import contextlib
import os
import random
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1280, 960
FRAME = WIDTH * HEIGHT
GRID = 12_289  # sampling stride, prime to the width


class Recording:
    def __init__(self, path):
        self.path = Path(path)

    def __enter__(self):
        self.file = open(self.path, "rb", buffering=0)
        return self

    def __exit__(self, *exc):
        self.file.close()

    def rewind(self):
        self.file.seek(0)

    def frames(self):
        """Yield (index, frame) until the recording ends; a torn last frame is dropped."""
        index = 0
        frame = bytearray(FRAME)
        while True:
            got = self.file.readinto(frame)
            if got < FRAME:
                return
            yield index, frame
            index += 1


class MotionDetector:
    def __init__(self, threshold=40):
        self.threshold = threshold
        self.previous = None
        self.events = []

    def feed(self, index, frame):
        sample = bytes(frame[::GRID])
        if self.previous is not None:
            changed = sum(
                1 for a, b in zip(sample, self.previous) if abs(a - b) > self.threshold
            )
            if changed >= 4:
                self.events.append((index, changed))
        self.previous = sample


def synth(path, frames, seed):
    rng = random.Random(seed)
    background = bytearray(rng.randbytes(WIDTH) * HEIGHT)
    with open(path, "wb") as out:
        for n in range(frames):
            if rng.random() < 0.3:
                top = rng.randrange(HEIGHT - 200)
                value = rng.randrange(256)
                start, stop = top * WIDTH, (top + 200) * WIDTH
                background[start:stop] = bytes([value]) * (stop - start)
            out.write(background)
        out.write(background[: FRAME // 3])


def report(camera, passes):
    detector = MotionDetector()
    seen = 0
    with Recording(camera) as rec:
        for _ in range(passes):
            rec.rewind()
            for index, frame in rec.frames():
                detector.feed(index, frame)
                seen += 1
    return seen, detector.events


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--frames", type=int, default=24)
    ap.add_argument("--passes", type=int, default=160)
    args = ap.parse_args(argv)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        for cam, seed in (("door", 4), ("yard", 11)):
            path = os.path.join(folder, cam + ".raw")
            synth(path, args.frames, seed)
            seen, events = report(path, args.passes)
            strongest = max(events, key=lambda e: (e[1], -e[0]), default=None)
            print(f"{cam}: {seen} frames, {len(events)} motion events, strongest {strongest}")


if __name__ == "__main__":
    main()
