"""Store captured packets by flow and reassemble the flows."""
import hashlib
import random
import struct
from dataclasses import dataclass, field

TAG = struct.Struct("<HI")
MTU = 9_216


@dataclass(slots=True)
class Packet:
    flow: int
    seq: int
    frame: bytearray
    used: int

    def payload(self):
        return memoryview(self.frame)[TAG.size:self.used]


@dataclass
class Capture:
    packets: list = field(default_factory=list)

    def receive(self, wire: bytes):
        frame = bytearray(MTU)
        used = len(wire)
        frame[:used] = wire
        flow, seq = TAG.unpack_from(frame)
        self.packets.append(Packet(flow, seq, frame, used))

    def flows(self):
        order = sorted(self.packets, key=lambda p: (p.flow, p.seq))
        streams = {}
        for packet in order:
            streams.setdefault(packet.flow, hashlib.sha256()).update(packet.payload())
        return streams


def traffic(seed, count):
    rng = random.Random(seed)
    seqs = [0] * 64
    for _ in range(count):
        flow = rng.randrange(64)
        seqs[flow] += 1
        yield TAG.pack(flow, seqs[flow]) + rng.randbytes(rng.randrange(200, 1400))


def main():
    capture = Capture()
    for wire in traffic(1, 17_000):
        capture.receive(wire)
    total = sum(p.used for p in capture.packets)
    flows = capture.flows()
    repeats = 0
    for _ in range(80):
        repeats += sum(p.payload()[0] for p in capture.packets)
    mixed = hashlib.sha256(b"".join(h.digest() for _, h in sorted(flows.items())))
    print(len(capture.packets), total, repeats, mixed.hexdigest()[:20])


if __name__ == "__main__":
    main()
