"""Scanned page pipeline: deskew-free, pure Python binarisation and component counting."""
import random
import statistics
import zlib
from collections import Counter


def fake_scan(width, height, seed):
    """Deflated 16-bit greyscale page with some dark blobs."""
    rng = random.Random(seed)
    row = bytearray()
    for x in range(width):
        row += (45_000 + rng.randrange(8_000)).to_bytes(2, "little")
    packer = zlib.compressobj(1)
    packed = []
    blobs = [(rng.randrange(width - 60), rng.randrange(height - 40), rng.randrange(10, 60)) for _ in range(90)]
    dark = (3000).to_bytes(2, "little")
    for y in range(height):
        r = bytearray(row)
        for bx, by, size in blobs:
            if by <= y < by + size // 2:
                r[bx * 2:(bx + size) * 2] = dark * size
        packed.append(packer.compress(r))
    packed.append(packer.flush())
    return b"".join(packed)


class Page:
    def __init__(self, width, height, packed):
        self.width, self.height = width, height
        self.packed = packed

    def decode(self):
        return zlib.decompress(self.packed)


def threshold(samples, width, height):
    view = memoryview(samples).cast("H")
    probe = [view[i] for i in range(0, len(view), 997)]
    return int(statistics.mean(probe) * 0.6)


def to_bits(samples, cut):
    high = samples[1::2]
    level = cut >> 8
    table = bytes(1 if v < level else 0 for v in range(256))
    return high.translate(table)


def runs(bits, width, y):
    row = bits[y * width:(y + 1) * width]
    at = row.find(1)
    while at >= 0:
        end = row.find(0, at)
        if end < 0:
            end = width
        yield at, end
        at = row.find(1, end)


def components(bits, width, height):
    parent = []

    def find(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    labels = bytearray(width * height * 4)
    view = memoryview(labels).cast("I")
    above = []
    for y in range(height):
        here = []
        for a, b in runs(bits, width, y):
            label = None
            for c, d, other in above:
                if c < b and a < d:
                    other = find(other)
                    if label is None:
                        label = other
                    else:
                        parent[other] = label = find(label)
            if label is None:
                label = len(parent)
                parent.append(label)
            for x in range(a, b, 8):
                view[y * width + x] = label + 1
            here.append((a, b, label))
        above = here
    roots = Counter(find(i) for i in range(len(parent)))
    used = sum(1 for v in view[::8] if v)
    return len(roots), used


def process(page):
    samples = page.decode()
    cut = threshold(samples, page.width, page.height)
    bits = to_bits(samples, cut)
    del samples
    ink = bits.count(1)
    found, marked = components(bits, page.width, page.height)
    return cut, ink, found, marked


def main():
    for number in range(7):
        page = Page(3000, 2200, fake_scan(3000, 2200, number))
        print("page", number, *process(page))


if __name__ == "__main__":
    main()
