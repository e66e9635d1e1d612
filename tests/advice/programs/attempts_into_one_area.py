"""Fetches with retries: a name keeps the last problem, and with it the frame and its area."""

import random
import zlib

rng = random.Random(27)


def read_into(area, key):
    if rng.random() < 0.55:
        raise OSError(key)
    area[:8] = key.to_bytes(8, "big")
    return 8 + key % 5000


def fetch(key):
    area = bytearray(160_000)  # advise: cycles
    problem = None
    for _ in range(6):
        try:
            used = read_into(area, key)
        except OSError as error:
            problem = error
        else:
            return zlib.crc32(memoryview(area)[:used])
    return problem.args[0]


print(max(map(fetch, range(20_000))))
