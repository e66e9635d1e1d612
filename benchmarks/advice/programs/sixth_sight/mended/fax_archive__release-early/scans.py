import random
import struct

PAGE = struct.Struct(">HHI")


def pages(number, count):
    """One delivery: pages of run-length coded bitmaps, back to back."""
    rng = random.Random(1000 + number)
    out = bytearray()
    for page in range(count):
        body = bytearray()
        for _ in range(130):
            body += bytes((rng.randrange(256),)) * rng.randrange(1, 255)
        out += PAGE.pack(number, page, len(body)) + body
    return bytes(out)
