"""Fetches with retries: of the last problem only its number is kept."""

import random
import zlib

rng = random.Random(27)


def read_into(area, key):
    if rng.random() < 0.55:
        raise OSError(key)
    area[:8] = key.to_bytes(8, "big")
    return 8 + key % 5000


def fetch(key):
    area = bytearray(160_000)  # advise: reuse-buffer
    problem = None
    for _ in range(6):
        try:
            used = read_into(area, key)
        except OSError as error:
            problem = error.args[0]
        else:
            return zlib.crc32(memoryview(area)[:used])
    return problem


print(max(map(fetch, range(20_000))))
