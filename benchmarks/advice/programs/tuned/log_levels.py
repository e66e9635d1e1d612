"""Counts levels in a log that is read whole."""

import collections
import os
import tempfile


def levels(path: str) -> collections.Counter:
    found = collections.Counter()
    with open(path) as log:
        for line in log.readlines():  # advise: chunk
            found[line.split(" ", 1)[0]] += 1
    return found


handle, path = tempfile.mkstemp()
with os.fdopen(handle, "w") as log:
    for number in range(250_000):
        log.write(f"{'WARN' if number % 7 else 'INFO'} something happened, number {number}\n")
print(levels(path))
os.unlink(path)
