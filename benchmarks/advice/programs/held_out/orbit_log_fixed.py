"""Analyses gzipped orbit logs of a satellite simulator: apsides, energy drift, ground stations."""
import gzip
import math
import os
import struct
import tempfile
from contextlib import contextmanager
from itertools import chain

STATE = struct.Struct("<Idddf")
MU = 398600.4418


@contextmanager
def recorded_flight(samples, repeat):
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "flight.log.gz")
        with gzip.open(path, "wb", compresslevel=1) as out:
            for lap in range(repeat):
                out.write(b"".join(propagate(lap, samples)))
        yield path


def propagate(lap, samples):
    a, e = 7200.0 + 3 * lap, 0.03
    for i in range(samples):
        theta = 2 * math.pi * i / samples
        r = a * (1 - e * e) / (1 + e * math.cos(theta))
        yield STATE.pack(lap * samples + i, r, theta, math.sqrt(MU * (2 / r - 1 / a)), 20 + i % 7)


class FlightLog:
    def __init__(self, path):
        self.path = path

    def states(self, every=1):
        with gzip.open(self.path) as log:
            blocks = iter(lambda: log.read(STATE.size * 2048), b"")
            states = chain.from_iterable(map(STATE.iter_unpack, blocks))
            for n, state in enumerate(states):
                if n % every == 0:
                    yield state


class Apsides:
    def __init__(self):
        self.low, self.high = math.inf, 0.0

    def feed(self, tick, r, theta, v, temp):
        if r < self.low:
            self.low = r
        elif r > self.high:
            self.high = r

    def result(self):
        return f"perigee {self.low:.2f} apogee {self.high:.2f}"


class Passes:
    """Counts entries into a ground station's cone."""

    def __init__(self, centre, width):
        self.centre, self.width = centre, width
        self.inside, self.count, self.hottest = False, 0, 0.0

    def feed(self, tick, r, theta, v, temp):
        now = abs(theta - self.centre) < self.width
        if now and not self.inside:
            self.count += 1
        if now and temp > self.hottest:
            self.hottest = temp
        self.inside = now

    def result(self):
        return f"{self.count} passes, max {self.hottest:.1f} C"


def main():
    with recorded_flight(12_000, 60) as path:
        log = FlightLog(path)
        probes = [Apsides(), Passes(1.2, 0.2)]
        for state in log.states():
            for probe in probes:
                probe.feed(*state)
        drift = [v * v / 2 - MU / r for _, r, _, v, _ in log.states(every=40_000)]
    for probe in probes:
        print(probe.result())
    print("energy", " ".join(f"{d:.4f}" for d in drift))


if __name__ == "__main__":
    main()
