# forbid: reuse-buffer chunk pool grow-copy
"""Splits a stream of backups into content-defined segments and reports how
much of it is duplicate. Works through one window that is refilled."""
import hashlib
import os
import random
import tempfile
from collections import Counter

WINDOW = 1 << 20
STEP = 4096


class Reader:
    def __init__(self, path):
        self.raw = open(path, "rb", buffering=0)
        self.window = bytearray(WINDOW)
        self.view = memoryview(self.window)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.view.release()
        self.raw.close()

    def windows(self):
        while got := self.raw.readinto(self.window):
            yield self.view[:got]


class Segmenter:
    """Cuts after a block whose sampled bytes hash to a marked value."""

    def __init__(self, bits):
        self.mask = (1 << bits) - 1
        self.hash = hashlib.blake2b(digest_size=10)
        self.length = 0

    def feed(self, window):
        for at in range(0, len(window), STEP):
            block = window[at:at + STEP]
            self.hash.update(block)
            self.length += len(block)
            if (block[0] * 31 + block[len(block) // 2] * 17 + block[-1]) & self.mask == 0:
                yield self._cut()

    def finish(self):
        if self.length:
            yield self._cut()

    def _cut(self):
        result = self.hash.digest(), self.length
        self.hash = hashlib.blake2b(digest_size=10)
        self.length = 0
        return result


class Index:
    def __init__(self):
        self.known = {}
        self.stats = Counter()

    def add(self, digest, length):
        self.stats["segments"] += 1
        self.stats["bytes"] += length
        if digest in self.known:
            self.stats["duplicate"] += length
        else:
            self.known[digest] = length


def write_backup(path, seed, drift, blocks=10_000):
    base, fresh = random.Random(1), random.Random(seed)
    with open(path, "wb") as out:
        for _ in range(blocks):
            block = base.randbytes(STEP)
            out.write(fresh.randbytes(STEP) if fresh.random() < drift else block)


def main():
    index = Index()
    with tempfile.TemporaryDirectory() as tmp:
        for day, drift in enumerate((0.0, 0.01, 0.03, 0.1)):
            path = os.path.join(tmp, f"day{day}.img")
            write_backup(path, 100 + day, drift)
            segmenter = Segmenter(bits=3)
            with Reader(path) as reader:
                for window in reader.windows():
                    for cut in segmenter.feed(window):
                        index.add(*cut)
            for cut in segmenter.finish():
                index.add(*cut)
            os.unlink(path)
            print(day, dict(index.stats))
    print(len(index.known), max(index.known.values()))


if __name__ == "__main__":
    main()
