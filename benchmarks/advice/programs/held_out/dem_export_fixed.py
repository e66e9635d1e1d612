"""Exports a synthetic elevation model as big-endian 16-bit strips, one file per world."""
import math
import os
import sys
import tempfile
import zlib
from array import array
from dataclasses import dataclass

SEA = 900


@dataclass(frozen=True)
class Layout:
    cols: int
    rows: int
    strip: int

    def bands(self):
        return ((top, min(self.strip, self.rows - top)) for top in range(0, self.rows, self.strip))


class Relief:
    """Row generator built from a few precomputed ridge profiles."""

    def __init__(self, cols, phase):
        self.cols = cols
        self.profiles = []
        for k in (1, 2, 3, 5):
            wave = [math.sin(2 * math.pi * k * (i + phase) / 3000) for i in range(3000)]
            wave = [int(SEA + 350 * k ** 0.5 * v) if v > 0 else SEA for v in wave]
            self.profiles.append(array("H", wave * (2 + cols // 3000)))

    def row(self, y):
        profile = self.profiles[(y >> 5) % 4]
        start = (y * 37) % 3000
        return profile[start:start + self.cols]


class StripWriter:
    def __init__(self, path, layout):
        self.path, self.layout = path, layout
        self.offsets = []
        self.checks = []

    def fill(self, strip, relief, top, count):
        cols = self.layout.cols
        for r in range(count):
            strip[r * cols:(r + 1) * cols] = relief.row(top + r)

    def export(self, relief):
        cols = self.layout.cols
        strip = array("H", (SEA,)) * (cols * self.layout.strip)
        with open(self.path, "wb", buffering=0) as out:
            for top, count in self.layout.bands():
                if count < self.layout.strip:
                    del strip[cols * count:]
                self.fill(strip, relief, top, count)
                if sys.byteorder == "little":
                    strip.byteswap()
                self.offsets.append(out.tell())
                self.checks.append(zlib.adler32(strip))
                out.write(strip)
        return os.path.getsize(self.path)


def main():
    layout = Layout(cols=8400, rows=6000, strip=1000)
    with tempfile.TemporaryDirectory() as tmp:
        for world in range(6):
            path = os.path.join(tmp, "world.dem")
            writer = StripWriter(path, layout)
            size = writer.export(Relief(layout.cols, world * 211))
            total = 0
            for c in writer.checks:
                total = zlib.crc32(c.to_bytes(4, "big"), total)
            print(f"world {world}: {size} bytes, {len(writer.offsets)} strips, {total:08x}")


if __name__ == "__main__":
    main()
