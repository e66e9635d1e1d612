"""Decode a length-prefixed telemetry stream arriving in arbitrary segments."""
import random
import struct
import zlib
from dataclasses import dataclass

HEADER = struct.Struct(">HBI")


@dataclass(frozen=True, slots=True)
class Frame:
    kind: int
    stamp: int
    payload: bytes


class FrameDecoder:
    def __init__(self):
        self._pending = b""
        self.decoded = 0
        self.bad = 0

    def feed(self, segment: bytes):
        data = self._pending + segment
        pos = 0
        while len(data) - pos >= HEADER.size:
            size, kind, stamp = HEADER.unpack_from(data, pos)
            total = HEADER.size + size
            if len(data) - pos < total:
                break
            payload = data[pos + HEADER.size:pos + total]
            pos += total
            if kind > 3:
                self.bad += 1
                continue
            self.decoded += 1
            yield Frame(kind, stamp, payload)
        self._pending = data[pos:]


def encode(rng, count):
    stamp = 1_700_000_000
    for _ in range(count):
        stamp += rng.randrange(4)
        body = rng.randbytes(rng.randrange(20, 90))
        yield HEADER.pack(len(body), rng.randrange(5), stamp) + body


def segments(rng, count, burst):
    group = []
    for n, frame in enumerate(encode(rng, count), 1):
        group.append(frame)
        if n % burst == 0:
            yield b"".join(group)
            group.clear()
    if group:
        yield b"".join(group)


def main():
    rng = random.Random(4711)
    decoder = FrameDecoder()
    crc = 0
    per_kind = {}
    for segment in segments(rng, 60_000, 12_000):
        for frame in decoder.feed(segment):
            crc = zlib.crc32(frame.payload, crc)
            per_kind[frame.kind] = per_kind.get(frame.kind, 0) + 1
    print("frames", decoder.decoded, "bad", decoder.bad)
    print("kinds", sorted(per_kind.items()), f"crc {crc:08x}")


if __name__ == "__main__":
    main()
