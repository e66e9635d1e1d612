"""Integrate a damped, driven oscillator per harbour and report extremes and a coarse spectrum."""
import math
import sys

HARBOURS = {
    "Aberport": (1.00, 0.12, 12.42),
    "Barrow": (1.35, 0.20, 12.00),
    "Cuxhaven": (0.80, 0.15, 12.66),
    "Dover": (1.10, 0.10, 25.82),
}


class Model:
    def __init__(self, gain, damping, period):
        self.gain = gain
        self.damping = damping
        self.omega = 2 * math.pi / period
        self.level = 0.0
        self.speed = 0.0

    def step(self, t, dt):
        push = self.gain * math.sin(self.omega * t) + 0.3 * math.sin(self.omega * t / 14.77)
        accel = push - self.level * self.omega ** 2 * 4 - self.damping * self.speed
        self.speed += accel * dt
        self.level += self.speed * dt
        return self.level


class Gauge:
    """All samples of one harbour; later passes need random access to them."""

    def __init__(self, name, params):
        self.name = name
        self.model = Model(*params)
        self.samples = []

    def record(self, steps, dt):
        step = self.model.step
        self.samples = [step(i * dt, dt) for i in range(steps)]  # advise: compact

    def extremes(self):
        return min(self.samples), max(self.samples)

    def crossings(self):
        prev, n = self.samples[0], 0
        for s in self.samples:
            n += (prev < 0) != (s < 0)
            prev = s
        return n

    def strength(self, lag):
        total = 0.0
        a = self.samples
        for i in range(0, len(a) - lag, 37):
            total += a[i] * a[i + lag]
        return total


class Region:
    def __init__(self, harbours):
        self.gauges = [Gauge(n, p) for n, p in sorted(harbours.items())]

    def simulate(self, steps, dt):
        for g in self.gauges:
            g.record(steps, dt)

    def difference(self, i, j, stride):
        a, b = self.gauges[i].samples, self.gauges[j].samples
        return max(abs(a[k] - b[k]) for k in range(0, len(a), stride))


def main(argv):
    steps = int(argv[1]) if len(argv) > 1 else 600_000
    region = Region(HARBOURS)
    region.simulate(steps, 0.01)
    for g in region.gauges:
        low, high = g.extremes()
        print(f"{g.name:10s} low {low:8.3f} high {high:8.3f} crossings {g.crossings()}")
        print("   ", " ".join(f"{g.strength(lag):.1f}" for lag in (0, 300, 621, 1242)))
    print(f"largest gap {region.difference(0, 3, 11):.4f}")


if __name__ == "__main__":
    main(sys.argv)
