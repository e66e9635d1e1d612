"""Fold nightly batches of measurements into a few long-lived records per station."""
# forbid: arena-pinning leak
import random
import zlib


# may: compact
class Sample:
    __slots__ = ("station", "minute", "text", "value")

    def __init__(self, station, minute, text, value):
        self.station, self.minute, self.text, self.value = station, minute, text, value


class Record:
    """The best sample of one batch, kept for the final table."""

    def __init__(self, batch, station, text, value):
        self.batch, self.station, self.text, self.value = batch, station, text, value


class Table:
    def __init__(self):
        self.records = []

    def keep(self, batch, sample):
        self.records.append(Record(batch, sample.station, sample.text.upper(), sample.value))

    def check(self):
        crc = 0
        for r in sorted(self.records, key=lambda r: (r.station, r.batch, r.value)):
            crc = zlib.crc32(f"{r.station}/{r.batch}/{r.text}/{r.value:.5f}".encode(), crc)
        return crc


class Batch:
    def __init__(self, number, seed):
        self.number = number
        self.rng = random.Random(seed * 1000 + number)
        self.samples = []

    def load(self, n, table):
        rng = self.rng
        best = None
        for i in range(n):
            s = Sample(rng.randrange(40), i, f"s{rng.randrange(10**6):06d}", rng.random())
            self.samples.append(s)
            if best is None or s.value > best.value:
                best = s
            if i % 500 == 499:
                table.keep(self.number, best)
                best = None

    def spread(self):
        """Two passes and a sort: the whole batch has to be there."""
        mean = sum(s.value for s in self.samples) / len(self.samples)
        self.samples.sort(key=lambda s: (s.station, s.value))
        jumps = sum(abs(a.value - b.value) for a, b in zip(self.samples, self.samples[1:]))
        return mean, jumps


def nightly(number, table):
    batch = Batch(number, 5)
    batch.load(60_000, table)
    return batch.spread()


def main():
    table = Table()
    for number in range(5):
        mean, jumps = nightly(number, table)
        print(number, f"{mean:.6f} {jumps:.4f}", len(table.records))
    print("check", table.check())


if __name__ == "__main__":
    main()
