"""A large block held while others are made: it is read in the end. tempting: release-early"""

from __future__ import annotations


def compare() -> tuple[int, int]:
    image = bytes(range(256)) * 48_000
    tiles = [bytes([number % 256]) * 1000 for number in range(8000)]
    return len(tiles), sum(image[:: len(image) // 64])


print(*compare())
