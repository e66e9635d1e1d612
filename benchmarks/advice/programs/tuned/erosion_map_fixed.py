"""Terrain tool: fractal heights -> quantised tiles -> rain erosion, with a colour legend."""
import random
import zlib
from array import array


def midpoint_line(rng, n, rough):
    """1-D midpoint displacement, n a power of two."""
    line = [0.0] * (n + 1)
    step, amp = n, 1.0
    while step > 1:
        half = step // 2
        for i in range(half, n, step):
            line[i] = (line[i - half] + line[i + half]) / 2 + rng.uniform(-amp, amp)
        step, amp = half, amp * rough
    return array("d", line[:n])


def heights(side, seed):
    rng = random.Random(seed)
    ridges = [midpoint_line(rng, side, 0.55) for _ in range(16)]
    out = array("d")
    for y in range(side):
        ridge = ridges[(y * 16) // side]
        shift = (y * 5) % side
        out.extend(ridge[shift:])
        out.extend(ridge[:shift])
    return out


class Legend:
    """Colour ramp labels; the scale is asked for lazily when the map is drawn."""

    def __init__(self, scale):
        self.scale = scale

    def labels(self, n=5):
        lo, hi = self.scale()
        return [f"{lo + (hi - lo) * i / (n - 1):+.3f}" for i in range(n)]


class Terrain:
    def __init__(self, side, seed):
        self.side = side
        field = heights(side, seed)
        lo, hi = min(field), max(field)
        self.legend = Legend(lambda: (lo, hi))
        k = 255 / (hi - lo)
        self.tiles = bytearray(side * side)
        for y in range(0, side, 8):
            line = bytes(int((h - lo) * k) for h in field[y * side:y * side + side])
            for r in range(y, min(y + 8, side)):
                self.tiles[r * side:(r + 1) * side] = line

    def erode(self, drops, seed):
        side = self.side
        water = array("d", (0.0,)) * (side * side)
        silt = array("f", (0.0,)) * (side * side)
        rng = random.Random(seed)
        for _ in range(drops):
            pos = rng.randrange(side, side * side - side)
            load = 0.0
            for _ in range(14):
                water[pos] += 1.0
                best = min((pos - 1, pos + 1, pos - side, pos + side), key=self.tiles.__getitem__)
                if not side < best < side * side - side or self.tiles[best] >= self.tiles[pos]:
                    break
                load += 0.1 * (self.tiles[pos] - self.tiles[best])
                pos = best
            silt[pos] += load
        return water, silt


def main():
    terrain = Terrain(1024 + 512 + 512, seed=8)
    water, silt = terrain.erode(90_000, seed=9)
    print("tiles", f"{zlib.crc32(terrain.tiles):08x}")
    print("water", f"{sum(water):.0f}", "deepest", max(water))
    print("silt", f"{sum(silt):.2f}")
    print("legend", terrain.legend.labels())


if __name__ == "__main__":
    main()
