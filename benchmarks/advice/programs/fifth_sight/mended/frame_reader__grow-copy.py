"""Decode a telemetry capture into per-channel totals."""
import random
import struct
from array import array
from collections import Counter

HEADER = struct.Struct("!HBB")
MAGIC = 0xA55A


def capture(seed, blocks, block_size):
    rng = random.Random(seed)
    carry = bytearray()
    for _ in range(blocks):
        while len(carry) < block_size:
            body = rng.randbytes(rng.randrange(8, 60))
            carry += HEADER.pack(MAGIC, rng.randrange(12), len(body))
            carry += body
        yield bytes(carry[:block_size])
        del carry[:block_size]


class FrameDecoder:
    def __init__(self):
        self._pending = b""
        self.rejected = 0

    def feed(self, data):
        self._pending += data
        frames = []
        start = 0
        while len(self._pending) - start >= HEADER.size:
            magic, channel, size = HEADER.unpack_from(self._pending, start)
            if magic != MAGIC:
                self.rejected += 1
                start += 1
                continue
            end = start + HEADER.size + size
            if len(self._pending) < end:
                break
            body = self._pending[start + HEADER.size:end]
            frames.append((channel, body))
            start = end
        self._pending = self._pending[start:]
        return frames


class ChannelStats:
    def __init__(self, window):
        self.level = array("d", [0.0]) * window
        self.cursor = 0
        self.bytes_by_channel = Counter()
        self.frames = 0

    def add(self, channel, body):
        self.frames += 1
        self.bytes_by_channel[channel] += len(body)
        self.level[self.cursor % len(self.level)] = body[0] / 255.0
        self.cursor += 1

    def mean(self):
        used = min(self.cursor, len(self.level))
        return sum(self.level[:used]) / used


def main():
    decoder = FrameDecoder()
    stats = ChannelStats(window=400_000)
    for block in capture(seed=11, blocks=22, block_size=160_000):
        for channel, body in decoder.feed(block):
            stats.add(channel, body)
    print("frames", stats.frames, "rejected", decoder.rejected)
    print("mean level %.6f" % stats.mean())
    for channel, size in sorted(stats.bytes_by_channel.items()):
        print(channel, size)


if __name__ == "__main__":
    main()
