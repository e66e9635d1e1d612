"""Puts the interleaved segments of many connections together again, as a packet sniffer does."""

import hashlib
import random
import struct
from collections import defaultdict

HEADER = struct.Struct("!HIH")


def wire(connections, segments, seed):
    """Yields framed segments: connection, sequence number, length, payload."""
    rng = random.Random(seed)
    sequence = [0] * connections
    material = rng.randbytes(4096)
    for _ in range(segments):
        who = rng.randrange(connections)
        length = rng.randrange(200, 1400)
        start = rng.randrange(4096 - length)
        yield HEADER.pack(who, sequence[who], length) + material[start : start + length]
        sequence[who] += 1


class Reassembler:
    def __init__(self):
        self.streams = defaultdict(bytearray)
        self.expected = defaultdict(int)
        self.gaps = 0

    def accept(self, frame):
        who, number, length = HEADER.unpack_from(frame)
        if number != self.expected[who]:
            self.gaps += 1
        self.expected[who] = number + 1
        body = frame[HEADER.size : HEADER.size + length]
        self.streams[who] += body

    def digest(self):
        total = hashlib.sha256()
        for who in sorted(self.streams):
            total.update(self.streams[who])
        return total.hexdigest()[:16]


def main():
    sniffer = Reassembler()
    for frame in wire(connections=6, segments=9000, seed=3):
        sniffer.accept(frame)
    sizes = {who: len(data) for who, data in sorted(sniffer.streams.items())}
    print(sizes, sniffer.gaps, sniffer.digest())


if __name__ == "__main__":
    main()
