"""Takes records of zones off the front of what was read, and copies the rest for each."""

import struct

HEADER = struct.Struct("!HH")


class Records:
    def __init__(self):
        self.pending = b""

    def feed(self, data):
        self.pending += data
        while len(self.pending) >= HEADER.size:
            _, size = HEADER.unpack_from(self.pending)
            end = HEADER.size + size
            if len(self.pending) < end:
                break
            yield self.pending[HEADER.size : end]
            self.pending = self.pending[end:]  # advise: grow-copy


def main():
    record = HEADER.pack(7, 60) + bytes(60)
    records = Records()
    count = 0
    for _ in range(12):
        for body in records.feed(record * 3000):
            count += len(body)
    print(count)


main()
