"""A module that holds more than all else, and that nothing reads; one that a function needs."""

import unittest.mock  # advise: import-cost
import zlib


def checked(count):
    total = 0
    for number in range(count):
        total = zlib.crc32(str(number).encode(), total)
    return total


print(checked(100_000))
