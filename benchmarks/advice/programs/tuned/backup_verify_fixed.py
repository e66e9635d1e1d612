"""Verify a backup set: block checksums of every file against a manifest."""
import os
import random
import tempfile
import zlib
from pathlib import Path

BLOCK = 4 * 1024 * 1024


def make_files(root, count=5):
    rng = random.Random(99)
    for i in range(count):
        seedblock = memoryview(rng.randbytes(1 << 20))
        with open(root / f"vol{i:02d}.img", "wb") as out:
            for k in range(26 + i):
                out.write(seedblock[k:])
                out.write(seedblock[:k])


def block_sums(path):
    """Yield (index, checksum, length) for every block of the file."""
    index = 0
    buf = bytearray(BLOCK)
    with open(path, "rb", buffering=0) as f:
        while True:
            n = f.readinto(buf)
            if not n:
                break
            yield index, zlib.adler32(memoryview(buf)[:n]), n
            index += 1


class Manifest:
    def __init__(self):
        self.entries = {}

    @classmethod
    def scan(cls, root):
        self = cls()
        for path in sorted(Path(root).glob("*.img")):
            self.entries[path.name] = [s for _, s, _ in block_sums(path)]
        return self

    def verify(self, root):
        bad = []
        total = 0
        for name, sums in self.entries.items():
            for i, s, n in block_sums(os.path.join(root, name)):
                total += n
                if i >= len(sums) or sums[i] != s:
                    bad.append((name, i))
        return bad, total


def damage(path, at):
    with open(path, "r+b") as f:
        f.seek(at)
        byte = f.read(1)
        f.seek(at)
        f.write(bytes([byte[0] ^ 0x55]))


def main():
    with tempfile.TemporaryDirectory(prefix="bkp") as tmp:
        root = Path(tmp)
        make_files(root)
        man = Manifest.scan(root)
        for round_no in range(5):
            bad, total = man.verify(root)
            print("round", round_no, "MB", total >> 20, "bad", bad)
            damage(root / f"vol{round_no:02d}.img", 5_000_000 * (round_no + 1) % (17 << 20))


if __name__ == "__main__":
    main()
