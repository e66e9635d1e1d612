"""Sensor calibration: long settling run first, then a lookup volume from its waypoints."""
import math
import random


def settle(n, rng):
    """The readings of the settling run, low-pass filtered."""
    level = 20.0
    readings = []
    for i in range(n):
        level += 0.02 * (60.0 + 8 * math.sin(i / 9000) - level) + rng.random() - 0.5
        readings.append(level)
    return readings


def waypoints(n, rng, every):
    readings = settle(n, rng)
    spread = max(readings) - min(readings)
    return readings[::every], spread


class Volume:
    """Byte-per-cell lookup, plane after plane."""

    def __init__(self, side, planes):
        self.side = side
        self.data = bytearray(side * side * planes)

    def fill(self, points):
        plane = self.side * self.side
        planes = len(self.data) // plane
        for z in range(planes):
            tone = int(points[z * len(points) // planes] * 3) & 0xFF
            self.data[z * plane:(z + 1) * plane] = bytes([tone]) * plane

    def sample(self, step):
        return sum(self.data[::step])


def main():
    rng = random.Random(58)
    points, spread = waypoints(2_400_000, rng, every=400)
    print(f"{len(points)} waypoints, spread {spread:.3f}")
    volume = Volume(side=1000, planes=70)
    volume.fill(points)
    print("volume check", volume.sample(17), f"mean {sum(points) / len(points):.4f}")


if __name__ == "__main__":
    main()
