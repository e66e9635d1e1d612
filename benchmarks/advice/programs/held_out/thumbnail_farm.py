"""Worker threads scale pictures down; the scratch areas they paint in are shared through a pool."""

import random
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

SCRATCH = 1 << 20


class ScratchPool:
    def __init__(self):
        self.lock = threading.Lock()
        self.idle = []

    def borrow(self):
        with self.lock:
            if self.idle:
                return self.idle.pop()
        return bytearray(SCRATCH)

    def give_back(self, scratch):
        with self.lock:
            self.idle.append(scratch)


class BadPicture(ValueError):
    pass


class Farm:
    def __init__(self):
        self.pool = ScratchPool()

    def decode(self, picture, scratch):
        plain = zlib.decompress(picture)
        if plain[:4] != b"PIC1":
            raise BadPicture("not a picture")
        scratch[: len(plain) - 4] = memoryview(plain)[4:]
        return len(plain) - 4

    def thumbnail(self, picture):
        scratch = self.pool.borrow()  # advise: pool-leak
        size = self.decode(picture, scratch)
        small = bytes(memoryview(scratch)[:size:97])
        self.pool.give_back(scratch)
        return small

    def handle(self, picture):
        try:
            return zlib.crc32(self.thumbnail(picture))
        except BadPicture:
            return None


def pictures(count, seed):
    rng = random.Random(seed)
    texture = rng.randbytes(64) * 512
    shots = [zlib.compress(b"PIC1" + texture[i:] + texture[:i], 1) for i in range(1, 30)]
    broken = zlib.compress(b"GIF8" + texture[:600], 1)
    for _ in range(count):
        yield broken if rng.random() < 0.6 else rng.choice(shots)


def main():
    farm = Farm()
    with ThreadPoolExecutor(max_workers=3) as workers:
        results = []
        stream = pictures(20_000, 15)
        while batch := list(islice(stream, 200)):
            results += workers.map(farm.handle, batch)
    good = [r for r in results if r is not None]
    print(len(results), len(good), sum(good) % 1_000_003)


if __name__ == "__main__":
    main()
