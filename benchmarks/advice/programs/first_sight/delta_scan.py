"""Compare two disk images block by block and list the changed extents."""
import os
import random
import tempfile
import zlib

WINDOW = 16 << 20
SECTOR = 4096


class Extent:
    def __init__(self, start, length):
        self.start, self.length = start, length

    def __repr__(self):
        return f"{self.start:#x}+{self.length}"


class ImageFile:
    def __init__(self, path):
        self.path = path
        self.handle = open(path, "rb", buffering=0)
        self.size = os.path.getsize(path)
        self.check = 0

    def window(self):
        data = self.handle.read(WINDOW)  # advise: reuse-buffer
        self.check = zlib.adler32(data, self.check)
        return data

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.handle.close()


class Comparer:
    def __init__(self, old, new):
        self.old, self.new = old, new
        self.extents = []

    def run(self):
        base = 0
        while True:
            a = self.old.window()
            b = self.new.window()
            if not a and not b:
                return self.extents
            if a != b:
                self.sectors(base, memoryview(a), memoryview(b))
            base += len(a)

    def sectors(self, base, a, b):
        for pos in range(0, len(a), SECTOR):
            if a[pos:pos + SECTOR] != b[pos:pos + SECTOR]:
                self.mark(base + pos)

    def mark(self, at):
        last = self.extents[-1] if self.extents else None
        if last and last.start + last.length == at:
            last.length += SECTOR
        else:
            self.extents.append(Extent(at, SECTOR))


def create(path, size, seed, edits):
    rng = random.Random(seed)
    piece = memoryview(rng.randbytes(1 << 20))
    with open(path, "wb") as out:
        for i in range(size >> 20):
            out.write(piece[i * 64:])
            out.write(piece[:i * 64])
        for at in edits:
            out.seek(at)
            out.write(b"edited here")


def main():
    rng = random.Random(55)
    edits = sorted(rng.randrange(320 << 20) for _ in range(25)) + [7 << 20, (7 << 20) + SECTOR]
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, n) for n in ("before.img", "after.img")]
        create(names[0], 320 << 20, 1, [])
        create(names[1], 320 << 20, 1, edits)
        with ImageFile(names[0]) as a, ImageFile(names[1]) as b:
            extents = Comparer(a, b).run()
            sums = (a.check, b.check)
    print(len(extents), "extents", sum(e.length for e in extents), "bytes")
    print(extents[:6])
    print(sums)


if __name__ == "__main__":
    main()
