"""Mix short tracks into blocks and report the block peaks."""
import array
import math
import random

BLOCK = 48_000


class Track:
    def __init__(self, rng, length):
        self.start = rng.randrange(0, BLOCK - length)
        self.gain = rng.uniform(0.2, 0.9)
        step = rng.uniform(0.01, 0.2)
        self.samples = array.array("d", (math.sin(i * step) for i in range(length)))


class Mixer:
    def __init__(self, tracks):
        self.tracks = tracks
        self.peaks = []
        self._bus = array.array("d", [0.0] * BLOCK)

    def mix(self, block_no):
        bus = self._bus
        track = self.tracks[block_no % len(self.tracks)]
        gain = track.gain
        at = track.start
        for value in track.samples:
            bus[at] += value * gain
            at += 1
        peak = max(bus[track.start:at])
        bus[track.start:at] = array.array("d", bytes(8 * (at - track.start)))
        return peak

    def run(self, blocks):
        for block_no in range(blocks):
            self.peaks.append(self.mix(block_no))


def main():
    rng = random.Random(31)
    mixer = Mixer([Track(rng, 300) for _ in range(40)])
    mixer.run(500)
    loud = sum(1 for p in mixer.peaks if p > 0.5)
    print(f"{len(mixer.peaks)} blocks, {loud} loud, mean peak {sum(mixer.peaks) / len(mixer.peaks):.6f}")


if __name__ == "__main__":
    main()
