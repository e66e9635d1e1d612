import os
import zlib

from segment import HEAD, SIZE, Full, Segment


class Volume:
    """Writes sealed segments; old ones are overwritten when the volume is at its limit."""

    def __init__(self, handle, limit):
        self.handle = handle
        self.limit = limit
        self.sealed = 0
        self.current = Segment(0)

    def append(self, blob):
        try:
            return self.current.put(blob)
        except Full:
            self.flush()
            return self.current.put(blob)

    def flush(self):
        number = self.current.number
        self.handle.seek(number % self.limit * SIZE)
        self.handle.write(self.current.seal())
        self.sealed += 1
        self.current = None
        self.current = Segment(number + 1)

    def read(self, place):
        self.handle.seek(place % (self.limit * SIZE))
        length = int.from_bytes(self.handle.read(4), "little")
        return self.handle.read(length)

    def heads(self):
        for slot in range(min(self.limit, self.sealed)):
            self.handle.seek(slot * SIZE)
            yield HEAD.unpack(self.handle.read(HEAD.size))

    def checksum(self):
        return zlib.crc32(os.pread(self.handle.fileno(), 1 << 16, SIZE))
