"""Pitch scanner: walks octaves of a synthetic recording with windowed DFT probes until one fits."""
import cmath
import math
import random
from array import array

RATE = 8000
FRAME = 256


class Probe:
    """Window plus twiddle factors for one frame size; holds per-frame working state."""

    def __init__(self, size):
        self.size = size
        self.window = [0.5 - 0.5 * math.cos(2 * math.pi * i / size) for i in range(size)]
        self.twiddle = [cmath.exp(-2j * math.pi * k / size) for k in range(size)]
        self.frame = [0.0] * size

    def load(self, samples):
        self.frame[:] = [s * w for s, w in zip(samples, self.window)]

    def power(self, k):
        tw, size = self.twiddle, self.size
        acc = 0j
        for i in range(0, size, 2):
            acc += self.frame[i] * tw[i * k % size]
        return abs(acc)


class Bench:
    """Hands probes out and takes them back."""

    def __init__(self):
        self.rack = []
        self.built = 0

    def borrow(self):
        if self.rack:
            return self.rack.pop()
        self.built += 1
        return Probe(FRAME)

    def put_back(self, probe):
        self.rack.append(probe)


BENCH = Bench()


def bands(samples, start):
    """Yields (frequency, power) from the lowest candidate upwards."""
    probe = BENCH.borrow()  # advise: pool-leak
    probe.load(samples[start:start + FRAME])
    for k in range(3, 60):
        yield k * RATE / FRAME, probe.power(k)
    BENCH.put_back(probe)


def first_peak(samples, start, threshold):
    for freq, power in bands(samples, start):
        if power > threshold:
            return freq
    return None


def recording(seconds, rng):
    notes = [110, 147, 165, 196, 220]
    out = array("d")
    for n in range(int(seconds * RATE / 800)):
        f, loud = rng.choice(notes), rng.random() > 0.08
        out.extend(loud * math.sin(2 * math.pi * f * i / RATE) + rng.uniform(-0.05, 0.05)
                   for i in range(800))
    return out


def main():
    samples = recording(12, random.Random(6))
    tally, silent = {}, 0
    for start in range(0, len(samples) - FRAME, 24):
        freq = first_peak(samples, start, threshold=18.0)
        if freq is None:
            silent += 1
        else:
            tally[freq] = tally.get(freq, 0) + 1
    for freq in sorted(tally):
        print(f"{freq:7.2f} Hz  {tally[freq]}")
    print("silent frames", silent)


if __name__ == "__main__":
    main()
