"""Collects packets of a stream in a list, joined once."""


class Stream:
    def __init__(self):
        self.parts = []

    def feed(self, packet: bytes) -> None:
        self.parts.append(packet)

    @property
    def pending(self) -> bytes:
        return b"".join(self.parts)


def receive(count: int):
    for number in range(count):
        yield number.to_bytes(4, "big") * 25


stream = Stream()
for packet in receive(6000):
    stream.feed(packet)
print(len(stream.pending))
