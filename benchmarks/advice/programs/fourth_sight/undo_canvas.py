"""Paint program model which keeps every saved version, for the compare view."""
import random
import zlib


class Canvas:
    def __init__(self, side):
        self.side = side
        self.pixels = bytearray(side * side)

    def circle(self, cx, cy, radius, tone):
        side = self.side
        for y in range(max(0, cy - radius), min(side, cy + radius + 1)):
            half = int((radius * radius - (y - cy) ** 2) ** 0.5)
            left, right = max(0, cx - half), min(side, cx + half + 1)
            if left < right:
                self.pixels[y * side + left:y * side + right] = bytes([tone]) * (right - left)


class Studio:
    def __init__(self, side):
        self.canvas = Canvas(side)
        self.versions = []

    def save(self):
        copy = bytearray(self.canvas.pixels)
        self.versions.append(copy)
        return len(self.versions) - 1

    def restore(self, version):
        self.canvas.pixels[:] = self.versions[version]

    def differing(self, a, b, step):
        left, right = self.versions[a][::step], self.versions[b][::step]
        return sum(x != y for x, y in zip(left, right))


def compare_view(studio):
    """First with last, second with last but one, and so on."""
    last = len(studio.versions) - 1
    for a in range(len(studio.versions) // 2):
        yield studio.differing(a, last - a, step=31)


def main():
    rng = random.Random(2)
    studio = Studio(1000)
    for _ in range(64):
        version = studio.save()
        for _ in range(90):
            studio.canvas.circle(rng.randrange(1000), rng.randrange(1000), rng.randrange(20, 120), rng.randrange(256))
        if version % 9 == 8:
            studio.restore(rng.randrange(version))
    counts = list(compare_view(studio))
    print("versions", len(studio.versions), "most", max(counts), "least", min(counts))
    print(f"mark {zlib.crc32(studio.canvas.pixels):08x}")


if __name__ == "__main__":
    main()
