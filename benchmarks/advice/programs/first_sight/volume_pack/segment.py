import struct
import zlib

SIZE = 3 << 20
HEAD = struct.Struct("<4sIII")
ZEROS = memoryview(bytes(SIZE))


class Full(Exception):
    pass


class Segment:
    def __init__(self, number):
        self.number = number
        self.body = bytearray(SIZE)  # advise: reuse-buffer
        self.at = HEAD.size
        self.blobs = 0

    def put(self, blob):
        end = self.at + 4 + len(blob)
        if end > SIZE:
            raise Full(self.number)
        self.body[self.at:self.at + 4] = len(blob).to_bytes(4, "little")
        self.body[self.at + 4:end] = blob
        start, self.at = self.at, end
        self.blobs += 1
        return self.number * SIZE + start

    def seal(self):
        """Head first, zeros behind the last blob."""
        rest = SIZE - self.at
        if rest:
            self.body[self.at:] = ZEROS[:rest]
        check = zlib.adler32(memoryview(self.body)[HEAD.size:HEAD.size + 4096])
        HEAD.pack_into(self.body, 0, b"SEG1", self.number, self.blobs, check)
        return self.body
