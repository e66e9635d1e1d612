"""Clean GPS tracks: drop impossible jumps, smooth, measure length and climb per track."""
import math
import random
from array import array


class Fix:
    __slots__ = ("t", "lat", "lon", "alt")

    def __init__(self, t, lat, lon, alt):
        self.t, self.lat, self.lon, self.alt = t, lat, lon, alt


class Column:
    """A named series of numbers."""

    def __init__(self, name):
        self.name = name
        self.values = array("d")

    def push(self, value):
        self.values = self.values + array("d", (value,))  # advise: grow-copy

    def __len__(self):
        return len(self.values)

    def __getitem__(self, i):
        return self.values[i]


class Track:
    def __init__(self, title):
        self.title = title
        self.columns = {name: Column(name) for name in ("t", "x", "y", "alt")}
        self.dropped = 0
        self.origin = None

    def add(self, fix):
        if self.origin is None:
            self.origin = fix
        k = 111_320 * math.cos(math.radians(self.origin.lat))
        x, y = (fix.lon - self.origin.lon) * k, (fix.lat - self.origin.lat) * 110_540
        cols = self.columns
        if len(cols["t"]):
            dt = fix.t - cols["t"][-1]
            if math.hypot(x - cols["x"][-1], y - cols["y"][-1]) / dt > 30:
                self.dropped += 1
                return
        for name, value in (("t", fix.t), ("x", x), ("y", y), ("alt", fix.alt)):
            cols[name].push(value)

    def length(self):
        xs, ys = self.columns["x"].values, self.columns["y"].values
        return sum(math.hypot(x2 - x1, y2 - y1) for x1, y1, x2, y2 in zip(xs, ys, xs[1:], ys[1:]))

    def climb(self, span=15):
        alt = self.columns["alt"].values
        level = [sum(alt[i:i + span]) / span for i in range(0, len(alt) - span, span)]
        return sum(max(0.0, b - a) for a, b in zip(level, level[1:]))


def ride(rng, n):
    lat, lon, alt, course = 47.1, 9.2, 600.0, 0.0
    for t in range(n):
        course += rng.gauss(0, 0.1)
        lat += math.cos(course) * 8 / 110_540
        lon += math.sin(course) * 8 / 76_000
        alt += math.sin(t / 900) * 0.4 + rng.gauss(0, 0.3)
        wild = 0.02 if rng.random() < 0.01 else 0.0
        yield Fix(float(t), lat + wild, lon, alt)


def main():
    rng = random.Random(52)
    for n, title in ((9_000, "morning"), (14_000, "pass road"), (17_000, "long way home")):
        track = Track(title)
        for fix in ride(rng, n):
            track.add(fix)
        print(f"{title:14s} points {len(track.columns['t'])} dropped {track.dropped} "
              f"length {track.length() / 1000:.3f} km climb {track.climb():.1f} m")


if __name__ == "__main__":
    main()
