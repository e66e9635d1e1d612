"""Scales pictures: planes are handed back."""

import zlib

FREE = []


def scale(seed: int) -> int:
    try:
        plane = FREE.pop()
    except IndexError:
        plane = bytearray(600_000)
    view = memoryview(plane)
    for start in range(0, 600_000, 60_000):
        view[start : start + 4] = seed.to_bytes(4, "little")
    found = zlib.crc32(plane)
    FREE.append(plane)
    return found


def serve(requests: int) -> int:
    total = 0
    for request in range(requests):
        total ^= scale(request)
    return total


print(serve(1500))
