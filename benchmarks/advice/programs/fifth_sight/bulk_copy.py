"""Copy a tree of files through one transfer buffer, with checksums."""
import hashlib
import os
import random
import tempfile
import zlib
from pathlib import Path


class Copier:
    def __init__(self, block=8 << 20):
        self.buffer = bytearray(block)
        self.view = memoryview(self.buffer)
        self.bytes = 0

    def copy(self, source, target):
        crc = 0
        with open(source, "rb", buffering=0) as src, open(target, "wb", buffering=0) as dst:
            while n := src.readinto(self.buffer):
                piece = self.view[:n]
                crc = zlib.crc32(piece, crc)
                dst.write(piece)
                self.bytes += n
        return crc


def grow_tree(root, files):
    rng = random.Random(57)
    pattern = rng.randbytes(1 << 18)
    for number in range(files):
        folder = root / f"d{number % 4}"
        folder.mkdir(exist_ok=True)
        with open(folder / f"f{number}.bin", "wb") as out:
            for _ in range(rng.randrange(10, 70)):
                out.write(pattern)
            out.write(os.fsencode(f"tail {number}"))


def mirror(source, target, copier):
    sums = {}
    for path in sorted(source.rglob("*.bin")):
        goal = target / path.relative_to(source)
        goal.parent.mkdir(parents=True, exist_ok=True)
        sums[path.name] = copier.copy(path, goal)
        goal.unlink()
    return sums


def main():
    with tempfile.TemporaryDirectory() as tmp:
        source, target = Path(tmp, "source"), Path(tmp, "target")
        source.mkdir()
        grow_tree(source, 26)
        copier = Copier()
        sums = {}
        for _ in range(2):
            sums = mirror(source, target, copier)
    listing = "\n".join(f"{name} {crc:08x}" for name, crc in sorted(sums.items()))
    print(len(sums), "files", copier.bytes, "bytes")
    print(hashlib.md5(listing.encode()).hexdigest())


if __name__ == "__main__":
    main()
