import random
import tempfile
import zlib

from volume import Volume


class Source:
    """Blobs of very different sizes cut out of one block of noise."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.noise = memoryview(self.rng.randbytes(1 << 20))

    def blob(self):
        size = self.rng.choice((12_000, 30_000, 120_000, 500_000))
        at = self.rng.randrange(len(self.noise) - size)
        return self.noise[at:at + size]


class Index:
    def __init__(self, keep):
        self.keep = keep
        self.places = []

    def add(self, number, place, check):
        self.places.append((number, place, check))
        if len(self.places) > self.keep:
            del self.places[0]


def main():
    source = Source(4)
    index = Index(30)
    with tempfile.TemporaryFile(buffering=0) as handle:
        volume = Volume(handle, 8)
        for number in range(19000):
            blob = source.blob()
            place = volume.append(blob)
            if number % 16 == 0:
                index.add(number, place, zlib.crc32(blob))
        volume.flush()
        good = sum(zlib.crc32(volume.read(place)) == check for _, place, check in index.places[-6:])
        print("segments", volume.sealed, "good", good)
        for head in volume.heads():
            print(*head)
        print(volume.checksum())


if __name__ == "__main__":
    main()
