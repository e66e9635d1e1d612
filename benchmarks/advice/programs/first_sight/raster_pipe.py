"""Terrain raster pipeline: synthesize elevations, derive shade and mask, compare views."""
import array
import math
import random
import zlib

SIDE = 2600


def synthesize(seed):
    """Rows of heights made from a few shifted profiles."""
    rng = random.Random(seed)
    profile = array.array("I", (int(30000 + 9000 * math.sin(x / 211) + rng.randrange(60)) for x in range(2 * SIDE)))
    heights = array.array("I")
    for y in range(SIDE):
        shift = int(SIDE / 2 + SIDE / 2 * math.sin(y / 300)) % SIDE
        heights.extend(profile[shift:shift + SIDE])
    return heights


def shade(heights):
    table = bytes((i * 7) & 0xFF for i in range(256))
    high = heights.tobytes()[1::4]
    return high.translate(table)


def edge_mask(heights):
    out = bytearray(len(heights))
    step = heights.itemsize
    raw = memoryview(heights).cast("B")
    for y in range(0, SIDE, 2):
        row = bytes(raw[y * SIDE * step:(y + 1) * SIDE * step])
        out[y * SIDE:(y + 1) * SIDE] = row[::step]
    return out


def blend(heights):
    shaded, mask = shade(heights), edge_mask(heights)
    canvas = array.array("I", [0]) * len(shaded)
    view = memoryview(canvas).cast("B")
    view[0::4] = shaded
    view[1::4] = mask
    view[3::4] = b"\xff" * len(shaded)
    return canvas


def pyramid(canvas):
    """Halve the picture until it is small; every level is kept for the viewer."""
    levels = [canvas]
    side = SIDE
    while side > 200:
        src = levels[-1]
        half = array.array("I")
        for y in range(0, side - side % 2, 2):
            half.extend(src[y * side:(y + 1) * side - side % 2:2])
        side //= 2
        levels.append(half)
    return levels


def turned(canvas):
    """The same picture with rows and columns swapped."""
    out = array.array("I", [0]) * len(canvas)
    for x in range(SIDE):
        out[x * SIDE:(x + 1) * SIDE] = canvas[x::SIDE]
    return out


def symmetry(a, b):
    """How many samples keep their colour when the picture is turned."""
    return sum(a[i] & 0xF0 == b[i] & 0xF0 for i in range(0, len(a), 61))


def main():
    heights = synthesize(4)  # advise: release-early
    print("range", min(heights), max(heights))
    canvas = blend(heights)
    levels = pyramid(canvas)
    other = turned(canvas)
    print("symmetry", symmetry(canvas, other), zlib.crc32(memoryview(other)))
    print("levels", len(levels), "checks", [zlib.crc32(memoryview(x)) for x in levels])


if __name__ == "__main__":
    main()
