"""Scales pictures: each request makes two planes anew."""

import zlib


def scale(seed: int) -> int:
    plane = bytearray(600_000)  # advise: reuse-buffer
    view = memoryview(plane)
    for start in range(0, 600_000, 60_000):
        view[start : start + 4] = seed.to_bytes(4, "little")
    return zlib.crc32(plane)


def serve(requests: int) -> int:
    total = 0
    for request in range(requests):
        total ^= scale(request)
    return total


print(serve(1500))
