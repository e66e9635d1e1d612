"""Collects packets of a stream in an attribute by concatenation."""


class Stream:
    def __init__(self):
        self.pending = b""

    def feed(self, packet: bytes) -> None:
        self.pending = self.pending + packet  # advise: grow-copy


def receive(count: int):
    for number in range(count):
        yield number.to_bytes(4, "big") * 25


stream = Stream()
for packet in receive(6000):
    stream.feed(packet)
print(len(stream.pending))
