# forbid: grow-copy reuse-buffer pool chunk
"""Encodes metric batches in a compact tag/varint format and decodes them
again on the other side of a socket pair."""
import random
import socket
import threading
from collections import defaultdict


def put_varint(out, n):
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)


def zigzag(n):
    return n << 1 if n >= 0 else (-n << 1) - 1


class Encoder:
    """One frame per batch; names are sent once and numbered from then on."""

    def __init__(self):
        self.names = {}

    def frame(self, batch):
        body = bytearray()
        previous = 0
        for name, second, value in batch:
            number = self.names.get(name)
            if number is None:
                number = self.names[name] = len(self.names) + 1
                raw = name.encode()
                body += b"\x00"
                put_varint(body, len(raw))
                body += raw
            put_varint(body, number)
            put_varint(body, zigzag(second - previous))
            put_varint(body, value)
            previous = second
        return len(body).to_bytes(4, "big") + body


class Decoder:
    def __init__(self, stream):
        self.stream = stream
        self.names = [""]

    def __iter__(self):
        while head := self.stream.read(4):
            yield from self._frame(self.stream.read(int.from_bytes(head, "big")))

    def _frame(self, body):
        at = previous = 0

        def varint():
            nonlocal at
            shift = n = 0
            while (b := body[at]) > 0x7F:
                n |= (b & 0x7F) << shift
                shift += 7
                at += 1
            at += 1
            return n | b << shift

        while at < len(body):
            number = varint()
            if number == 0:
                size = varint()
                self.names.append(body[at:at + size].decode())
                at += size
                continue
            z = varint()
            previous += z >> 1 if not z & 1 else -(z + 1 >> 1)
            yield self.names[number], previous, varint()


def samples(n, seed=71):
    rng = random.Random(seed)
    names = [f"svc.{a}.{b}" for a in ("api", "db", "mq") for b in ("p50", "p99", "count", "errors")]
    second = 1_700_000_000
    for _ in range(n):
        second += int(rng.random() * 9) - 3
        yield rng.choice(names), second, int(rng.random() ** 4 * 1_000_000)


def batches(source, size):
    batch = []
    for item in source:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def main():
    near, far = socket.socketpair()
    sent = []

    def produce():
        encoder = Encoder()
        with near:
            for batch in batches(samples(420_000), 400):
                frame = encoder.frame(batch)
                near.sendall(frame)
                sent.append(len(frame))

    sender = threading.Thread(target=produce)
    sender.start()
    peaks, totals = defaultdict(int), defaultdict(int)
    with far, far.makefile("rb") as stream:
        for name, second, value in Decoder(stream):
            totals[name] += value
            peaks[name] = max(peaks[name], value)
    sender.join()
    print(len(sent), sum(sent), second)
    parts = []
    for name in sorted(totals):
        parts.append(f"{name}={totals[name]}/{peaks[name]}")
    print("\n".join(parts))


if __name__ == "__main__":
    main()
