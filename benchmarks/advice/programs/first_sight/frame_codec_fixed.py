"""Reassemble length-prefixed messages from small network packets (loopback simulation)."""
import random
import struct
import zlib

HEAD = struct.Struct(">IHH")
KINDS = {1: "hello", 2: "blob", 3: "bye"}


class ProtocolError(Exception):
    pass


class Assembler:
    """Feed packets in, get (kind, payload) out through the callback."""

    def __init__(self, on_message):
        self._pending = bytearray()
        self._need = None
        self._kind = 0
        self._on_message = on_message
        self.packets = 0

    def feed(self, packet):
        self.packets += 1
        self._pending += packet
        while self._step():
            pass

    def _step(self):
        if self._need is None:
            if len(self._pending) < HEAD.size:
                return False
            length, kind, magic = HEAD.unpack_from(self._pending)
            if magic != 0x5A5A:
                raise ProtocolError(f"bad magic {magic:#x}")
            self._need = HEAD.size + length
            self._kind = kind
        if len(self._pending) < self._need:
            return False
        payload = bytes(self._pending[HEAD.size:self._need])
        self._pending = self._pending[self._need:]
        self._need = None
        self._on_message(self._kind, payload)
        return True


class Receiver:
    def __init__(self):
        self.stats = {}
        self.assembler = Assembler(self.handle)

    def handle(self, kind, payload):
        name = KINDS.get(kind, "?")
        count, size, check = self.stats.get(name, (0, 0, 0))
        self.stats[name] = (count + 1, size + len(payload), zlib.crc32(payload, check))


def wrap(kind, payload):
    return HEAD.pack(len(payload), kind, 0x5A5A) + payload


def packets_of(messages, mtu=1400):
    for kind, payload in messages:
        data = memoryview(wrap(kind, payload))
        for pos in range(0, len(data), mtu):
            yield bytes(data[pos:pos + mtu])


def conversation(rng):
    yield 1, b"client/1.0"
    for size in (20_000, 7_200_000, 700, 4_800_000, 5_500_000):
        yield 2, rng.randbytes(size)
    for i in range(200):
        yield 2, rng.randbytes(rng.randrange(10, 3000))
    yield 3, b""


def main():
    rng = random.Random(77)
    rx = Receiver()
    for packet in packets_of(conversation(rng)):
        rx.assembler.feed(packet)
    print("packets", rx.assembler.packets)
    for name in sorted(rx.stats):
        print(name, *rx.stats[name])


if __name__ == "__main__":
    main()
