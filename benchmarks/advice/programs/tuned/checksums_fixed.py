"""Checksums of records from a pipe, each into one buffer."""

import os
import threading
import zlib


def feed(end: int, count: int) -> None:
    with os.fdopen(end, "wb") as out:
        for number in range(count):
            out.write(number.to_bytes(4, "big") * 1000)
            out.flush()


def checksum(source) -> int:
    found = 0
    piece = bytearray(8 << 20)
    while True:
        got = source.readinto1(piece)
        if not got:
            return found
        found = zlib.crc32(memoryview(piece)[:got], found)


reading, writing = os.pipe()
feeder = threading.Thread(target=feed, args=(writing, 400))
feeder.start()
with os.fdopen(reading, "rb") as source:
    print(checksum(source) != 0)
feeder.join()
