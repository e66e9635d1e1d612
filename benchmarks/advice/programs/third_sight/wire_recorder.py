import random
import struct
import zlib


def traffic(seed, count):
    rng = random.Random(seed)
    for seq in range(count):
        yield struct.pack("<IHH", seq, rng.randrange(65536), 1) + rng.randbytes(rng.randint(600, 1400))


class Channel:
    def __init__(self, label):
        self.label = label
        self.tape = b""
        self.marks = []

    def feed(self, piece):
        self.marks.append(len(self.tape))
        self.tape = self.tape + struct.pack("<H", len(piece)) + piece

    def entry(self, index):
        at = self.marks[index]
        (size,) = struct.unpack_from("<H", self.tape, at)
        return self.tape[at + 2:at + 2 + size]

    def seal(self):
        return zlib.crc32(self.tape), len(self.tape)


class Recorder:
    def __init__(self, labels):
        self.channels = {label: Channel(label) for label in labels}

    def run(self, count):
        feeds = {label: traffic(i + 1, count) for i, label in enumerate(self.channels)}
        for _ in range(count):
            for label, feed in feeds.items():
                self.channels[label].feed(next(feed))

    def report(self):
        for label, ch in self.channels.items():
            crc, size = ch.seal()
            sample = zlib.adler32(ch.entry(len(ch.marks) // 2))
            yield f"{label:8s} {len(ch.marks):5d} {size:9d} {crc:08x} {sample:08x}"


def main():
    rec = Recorder(["north", "south", "relay"])
    rec.run(900)
    print(*rec.report(), sep="\n")


if __name__ == "__main__":
    main()
