"""Compares two mirrors of a directory with threads; each has two buffers of its own for its whole life."""

# forbid: pool reuse-buffer chunk over-pooled pool-leak

import hashlib
import random
import tempfile
import threading
from pathlib import Path
from queue import SimpleQueue

SIZE = 256 * 1024


class Comparer(threading.Thread):
    def __init__(self, names, left, right):
        super().__init__()
        self.names = names
        self.left = left
        self.right = right
        self.one = memoryview(bytearray(SIZE))
        self.two = memoryview(bytearray(SIZE))
        self.different = []
        self.seal = 0

    def compare(self, name):
        digest = hashlib.blake2b(digest_size=8)
        equal = True
        with open(self.left / name, "rb", 0) as a, open(self.right / name, "rb", 0) as b:
            while True:
                got, also = a.readinto(self.one), b.readinto(self.two)
                equal = equal and self.one[:got] == self.two[:also]
                digest.update(self.one[:got])
                if not got and not also:
                    return equal, int.from_bytes(digest.digest(), "big")

    def run(self):
        while (name := self.names.get()) is not None:
            equal, value = self.compare(name)
            self.seal += value
            if not equal:
                self.different.append(name)


def fill(left, right, files, rng):
    block = rng.randbytes(SIZE)
    for number in range(files):
        body = b"".join(block[shift:] + block[:shift] for shift in range(number, number + 3))
        (left / f"{number:03}.bin").write_bytes(body)
        if number % 9 == 4:
            body = body[:-1] + b"?"
        (right / f"{number:03}.bin").write_bytes(body)


def main():
    with tempfile.TemporaryDirectory() as folder:
        left, right = Path(folder, "left"), Path(folder, "right")
        left.mkdir(), right.mkdir()
        fill(left, right, 30, random.Random(55))
        names = SimpleQueue()
        for _ in range(16):
            for path in sorted(left.iterdir()):
                names.put(path.name)
        comparers = [Comparer(names, left, right) for _ in range(3)]
        for comparer in comparers:
            names.put(None)
            comparer.start()
        for comparer in comparers:
            comparer.join()
    different = sorted({name for comparer in comparers for name in comparer.different})
    seal = sum(comparer.seal for comparer in comparers) % (1 << 64)
    print(different, seal)


if __name__ == "__main__":
    main()
