"""Accepts uploads into shared transfer buffers and checks them."""
import random
import zlib
from collections import Counter
from contextlib import suppress

SIZE = 512 * 1024


class Rejected(Exception):
    pass


class BufferPool:
    def __init__(self, size):
        self.size = size
        self.free = []
        self.lent = {}

    def take(self):
        buf = self.free.pop() if self.free else bytearray(self.size)
        self.lent[id(buf)] = buf
        return buf

    def give(self, buf):
        del self.lent[id(buf)]
        self.free.append(buf)

    def busy(self):
        return len(self.lent)


class Gate:
    def __init__(self, pool):
        self.pool = pool
        self.verdicts = Counter()
        self.digest = 0

    def accept(self, upload):
        buf = self.pool.take()
        used = 0
        for part in upload.parts():
            buf[used:used + len(part)] = part
            used += len(part)
        body = memoryview(buf)[:used]
        if zlib.crc32(body) != upload.crc:
            self.verdicts["corrupt"] += 1
            raise Rejected(upload.name)
        self.digest = zlib.adler32(body, self.digest or 1)
        body.release()
        self.verdicts["stored"] += 1
        self.pool.give(buf)


class Upload:
    def __init__(self, name, rng, block):
        self.name = name
        start = rng.randrange(5000)
        self._parts = [block[start:], block[:start + 300], block]
        self.crc = zlib.crc32(b"".join(self._parts))
        if rng.random() < 0.12:
            self.crc ^= 1

    def parts(self):
        yield from self._parts


def main():
    rng = random.Random(45)
    block = rng.randbytes(170_000)
    gate = Gate(BufferPool(SIZE))
    for number in range(900):
        with suppress(Rejected):
            gate.accept(Upload(f"file{number}", rng, block))
    print(dict(gate.verdicts), f"{gate.digest:08x}")


if __name__ == "__main__":
    main()
