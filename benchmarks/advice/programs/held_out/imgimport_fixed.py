"""Import worker for run-length coded bitmaps (a tiny PCX-like format) with shared decoders."""
import enum
import random
import struct
import zlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor

MAGIC = b"RLB1"
HEADER = struct.Struct("<4sHHI")
MAX_PIXELS = 512 * 512


class Verdict(enum.Enum):
    OK = "ok"
    NOT_OURS = "not a bitmap"
    TOO_BIG = "too big"
    CORRUPT = "corrupt"


class Decoder:
    """Decodes into its own canvas, which is big enough for every allowed picture."""

    def __init__(self):
        self.canvas = bytearray(b"\xff") * MAX_PIXELS
        self.used = 0

    def decode(self, body, size):
        pos = 0
        canvas = self.canvas
        for i in range(0, len(body) - 1, 2):
            run = body[i] + 1
            canvas[pos:pos + run] = body[i + 1:i + 2] * run
            pos += run
        self.used = pos
        return pos == size

    def checksum(self):
        return zlib.crc32(memoryview(self.canvas)[: self.used])


class DecoderPool:
    def __init__(self):
        self._idle = deque()
        self.all = []

    def take(self):
        try:
            return self._idle.pop()
        except IndexError:
            decoder = Decoder()
            self.all.append(decoder)
            return decoder

    def give(self, decoder):
        self._idle.append(decoder)

    def footprint(self):
        return sum(len(d.canvas) for d in self.all)


class Importer:
    def __init__(self):
        self.pool = DecoderPool()

    def load(self, data):
        if len(data) < HEADER.size or not data.startswith(MAGIC):
            return Verdict.NOT_OURS, 0
        _, width, height, crc = HEADER.unpack_from(data)
        if width * height > MAX_PIXELS:
            return Verdict.TOO_BIG, 0
        decoder = self.pool.take()
        try:
            if not decoder.decode(data[HEADER.size:], width * height):
                return Verdict.CORRUPT, 0
            value = decoder.checksum()
            if value != crc:
                return Verdict.CORRUPT, 0
            return Verdict.OK, value
        finally:
            self.pool.give(decoder)


def encode(rng, number):
    width, height = rng.randint(60, 200), rng.randint(40, 160)
    left = width * height
    body, plain = bytearray(), bytearray()
    while left:
        run = min(left, rng.randint(1, 256))
        value = rng.randrange(256)
        body += bytes((run - 1, value))
        plain += bytes([value]) * run
        left -= run
    if number % 11 == 3:
        body[-1] ^= 0x55
    elif number % 17 == 5:
        del body[-6:]
    data = HEADER.pack(MAGIC, width, height, zlib.crc32(plain)) + body
    return data[3:] if number % 29 == 0 else data


def main():
    rng = random.Random(7)
    importer = Importer()
    tally = dict.fromkeys(Verdict, 0)
    total = 0
    with ThreadPoolExecutor(3) as executor:
        for batch in range(40):
            pictures = [encode(rng, batch * 60 + n) for n in range(60)]
            for verdict, value in executor.map(importer.load, pictures):
                tally[verdict] += 1
                total = (total * 33 + value) & 0xFFFFFFFF
    for verdict, n in tally.items():
        print(f"{verdict.value:14s} {n}")
    print(f"signature {total:08x}")


if __name__ == "__main__":
    main()
