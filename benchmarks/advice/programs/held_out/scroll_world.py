"""Side-scrolling world generator: value noise sampled along an ever advancing camera."""
import functools
import math
import random


def remembered(compute):
    known = {}

    @functools.wraps(compute)
    def lookup(*where):
        try:
            return known[where]
        except KeyError:
            pass
        known[where] = compute(*where)  # advise: leak
        return known[where]

    return lookup


@remembered
def cell(cx, cy, octave):
    """Corner gradients of one noise cell (packed as a flat tuple)."""
    rng = random.Random(cx * 73856093 ^ cy * 19349663 ^ octave * 83492791)
    return tuple(rng.uniform(-1, 1) for _ in range(24))


def fade(t):
    return t * t * (3 - 2 * t)


def noise(x, y, octave):
    cx, cy = math.floor(x), math.floor(y)
    g = cell(cx, cy, octave)
    fx, fy = x - cx, y - cy
    u, v = fade(fx), fade(fy)
    k = int(fx * 5.99)
    top = g[k] * (1 - u) + g[k + 6] * u
    bottom = g[k + 12] * (1 - u) + g[k + 18 - (k == 5)] * u
    return top * (1 - v) + bottom * v


class Camera:
    def __init__(self, rows):
        self.rows = rows
        self.x = 0.0

    def columns(self, count, step=0.5):
        """Yields terrain columns, re-sampling the previous one for smoothing."""
        for _ in range(count):
            self.x += step
            yield [self.sample(self.x, r) * 0.7 + self.sample(self.x - step, r) * 0.3
                   for r in range(self.rows)]

    @staticmethod
    def sample(x, r):
        total, amp = 0.0, 1.0
        for octave in range(3):
            total += amp * noise(x * (1 << octave) / 2, r * 0.8, octave)
            amp /= 2
        return total


def survey(columns, window=400):
    solid, caves, lines = 0, 0, []
    for n, column in enumerate(columns, 1):
        solid += sum(h > 0 for h in column)
        caves += any(a > 0 > b for a, b in zip(column, column[1:]))
        if n % window == 0:
            lines.append((n, solid, caves))
    return lines


def main():
    camera = Camera(rows=12)
    for n, solid, caves in survey(camera.columns(2800)):
        print(f"x={n:5d} solid={solid:6d} caves={caves}")
    print(f"camera at {camera.x:.2f}")


if __name__ == "__main__":
    main()
