"""Compute and verify checksums of the volumes of a backup set."""
import os
import random
import tempfile
import zlib
from pathlib import Path

BLOCK = 12 * 1024 * 1024


class BackupSet:
    def __init__(self, root):
        self.root = Path(root)

    def create(self, volumes, blocks):
        rng = random.Random(99)
        pattern = rng.randbytes(1 << 16)
        for number in range(volumes):
            path = self.root / f"vol{number:03d}.bak"
            with open(path, "wb") as out:
                for index in range(blocks * BLOCK // len(pattern)):
                    out.write(pattern)
                out.write(bytes([number]) * (number * 1000 + 1))

    def volumes(self):
        return sorted(self.root.glob("vol*.bak"))


def checksum(path):
    crc = 0
    adler = 1
    total = 0
    buf = bytearray(BLOCK)
    with open(path, "rb", buffering=0) as fh:
        while True:
            got = fh.readinto(buf)
            if not got:
                break
            data = memoryview(buf)[:got]
            crc = zlib.crc32(data, crc)
            adler = zlib.adler32(data, adler)
            total += len(data)
    return total, crc, adler


def verify(backup, manifest):
    bad = []
    for path in backup.volumes():
        if checksum(path) != manifest[path.name]:
            bad.append(path.name)
    return bad


def main():
    with tempfile.TemporaryDirectory() as root:
        backup = BackupSet(root)
        backup.create(volumes=3, blocks=4)
        manifest = {}
        for path in backup.volumes():
            manifest[path.name] = checksum(path)
        victim = backup.volumes()[1]
        with open(victim, "r+b") as fh:
            fh.seek(0, os.SEEK_END)
            fh.write(b"!")
        for name, (size, crc, adler) in manifest.items():
            print(f"{name} {size} {crc:08x} {adler:08x}")
        print("bad:", verify(backup, manifest))


if __name__ == "__main__":
    main()
