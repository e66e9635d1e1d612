"""Generate an island, classify it into land cover and paint a poster (PPM) with towns and roads."""
import argparse
import hashlib
import os
import random
import tempfile
from array import array

SIZE = 1025
SCALE = 2
COVER = [(30, 60, 140), (210, 200, 150), (90, 150, 70), (60, 110, 60), (130, 120, 110), (245, 245, 250)]


def midpoint(size, rng, roughness=0.55):
    """Diamond-square heights, size x size with size = 2**n + 1."""
    grid = array("d", [0.0]) * (size * size)
    step, amplitude = size - 1, 1.0
    rand = rng.random
    while step > 1:
        half = step // 2
        for y in range(half, size, step):
            up, down = (y - half) * size, (y + half) * size
            for x in range(half, size, step):
                mean = (grid[up + x - half] + grid[up + x + half] + grid[down + x - half] + grid[down + x + half]) / 4
                grid[y * size + x] = mean + (rand() - 0.4) * amplitude
        for y in range(0, size, half):
            for x in range((y + half) % step, size, step):
                total = n = 0
                for dy, dx in ((-half, 0), (half, 0), (0, -half), (0, half)):
                    if 0 <= y + dy < size and 0 <= x + dx < size:
                        total += grid[(y + dy) * size + x + dx]
                        n += 1
                grid[y * size + x] = total / n + (rand() - 0.45) * amplitude
        step, amplitude = half, amplitude * roughness
    return grid


def classify(heights, size):
    low, high = min(heights), max(heights)
    span = (high - low) / len(COVER)
    top = len(COVER) - 1
    return bytearray(min(top, int((h - low) / span)) for h in heights)


def choose_towns(cover, size, rng, count):
    towns = []
    while len(towns) < count:
        x, y = rng.randrange(size), rng.randrange(size)
        if cover[y * size + x] in (1, 2):
            towns.append((x, y))
    return towns


class Poster:
    def __init__(self, cover, size, scale):
        self.width = size * scale
        self.pixels = bytearray(self.width * self.width * 3)
        band = self.width * 3 * scale
        wide = [bytes(colour) * scale for colour in COVER]
        for y in range(size):
            row = b"".join([wide[c] for c in cover[y * size:(y + 1) * size]])
            self.pixels[y * band:(y + 1) * band] = row * scale

    def dot(self, x, y, radius, colour):
        for dy in range(-radius, radius + 1):
            for dx in range(-radius, radius + 1):
                if dx * dx + dy * dy <= radius * radius and 0 <= x + dx < self.width and 0 <= y + dy < self.width:
                    at = ((y + dy) * self.width + x + dx) * 3
                    self.pixels[at:at + 3] = colour

    def road(self, a, b, colour):
        steps = max(abs(a[0] - b[0]), abs(a[1] - b[1]), 1)
        for s in range(steps + 1):
            self.dot(a[0] + (b[0] - a[0]) * s // steps, a[1] + (b[1] - a[1]) * s // steps, 1, colour)

    def save(self, path):
        with open(path, "wb") as out:
            out.write(b"P6 %d %d 255\n" % (self.width, self.width))
            out.write(self.pixels)


def build(seed, path, towns):
    rng = random.Random(seed)
    heights = midpoint(SIZE, rng)
    print(f"heights {min(heights):.3f} to {max(heights):.3f}")
    cover = classify(heights, SIZE)
    del heights
    for kind in range(len(COVER)):
        print(f"  cover {kind}: {100 * cover.count(kind) / len(cover):5.1f} %")
    places = choose_towns(cover, SIZE, rng, towns)
    poster = Poster(cover, SIZE, SCALE)
    for a, b in zip(places, places[1:]):
        poster.road((a[0] * SCALE, a[1] * SCALE), (b[0] * SCALE, b[1] * SCALE), b"\x50\x40\x40")
    for x, y in places:
        poster.dot(x * SCALE, y * SCALE, 6, b"\xd0\x20\x20")
    poster.save(path)
    return hashlib.md5(poster.pixels).hexdigest()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=1492)
    ap.add_argument("--towns", type=int, default=14)
    args = ap.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "island.ppm")
        print("poster", build(args.seed, path, args.towns), os.path.getsize(path))


if __name__ == "__main__":
    main()
