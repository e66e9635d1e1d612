import random
import struct
import zlib

HEAD = struct.Struct(">HHI")


class Inbox:
    def __init__(self):
        self.received = []
        self.totals = {}

    def unpack(self, packet):
        probe, _, size = HEAD.unpack_from(packet)
        work = bytearray(zlib.decompress(packet[HEAD.size:]))
        for place in range(16, min(size, 400), 16):
            work[place] ^= work[place - 16]
        return probe, sum(memoryview(work)[:min(size, 400)])

    def take(self, packet):
        probe, value = self.unpack(packet)
        self.received.append((probe, value, packet))
        self.totals[probe] = self.totals.get(probe, 0) + value
        return value

    def recent(self, count):
        return [(probe, value) for probe, value, _ in self.received[-count:]]


def packets(count, seed):
    rng = random.Random(seed)
    noise = rng.randbytes(8000)
    for number in range(count):
        start = rng.randrange(6000)
        body = noise[start:start + rng.randrange(600, 1900)]
        yield HEAD.pack(number % 31, 0, len(body)) + zlib.compress(body, 0)


def main():
    inbox = Inbox()
    check = 0
    for packet in packets(24_000, 88):
        check = (check * 5 + inbox.take(packet)) % 1_000_003
    print(len(inbox.received), check)
    print(inbox.recent(4), max(inbox.totals.items(), key=lambda item: item[1]))


if __name__ == "__main__":
    main()
