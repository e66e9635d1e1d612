"""Re-assembles length-prefixed frames out of a jittery byte stream."""
import random
import struct
import zlib

HEADER = struct.Struct(">IB")


class Wire:
    """Pretends to be a socket: recv() gives odd sized pieces."""

    def __init__(self, payload, seed):
        self._payload = payload
        self._at = 0
        self._rng = random.Random(seed)

    def recv(self):
        size = self._rng.randrange(200, 1400)
        piece = self._payload[self._at:self._at + size]
        self._at += len(piece)
        return piece


class Assembler:
    def __init__(self, on_frame):
        self.on_frame = on_frame
        self.need = None
        self.kind = None
        self.body = b""

    def feed(self, piece):
        self.body += piece
        while True:
            if self.need is None:
                if len(self.body) < HEADER.size:
                    return
                self.need, self.kind = HEADER.unpack_from(self.body)
                del_head = HEADER.size
                self.body = self.body[del_head:]
            if len(self.body) < self.need:
                return
            frame = bytes(self.body[:self.need])
            self.body = self.body[self.need:]
            self.need = None
            self.on_frame(self.kind, frame)


def build_stream(seed):
    rng = random.Random(seed)
    out = []
    for kind in range(9):
        body = rng.randbytes(rng.randrange(2_200_000, 3_200_000))
        out.append(HEADER.pack(len(body), kind))
        out.append(body)
    return b"".join(out)


def main():
    got = []
    wire = Wire(build_stream(2), 9)
    assembler = Assembler(lambda kind, frame: got.append((kind, len(frame), zlib.crc32(frame))))
    while piece := wire.recv():
        assembler.feed(piece)
    for kind, size, crc in got:
        print(f"frame {kind} {size:>8} {crc:08x}")


if __name__ == "__main__":
    main()
