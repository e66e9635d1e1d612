"""Reads in pieces, as it should be: nothing to advise."""

import tempfile
import zlib


def checksum(path):
    value = 0
    with open(path, "rb") as file:
        while chunk := file.read(65536):
            value = zlib.crc32(chunk, value)
    return value


with tempfile.NamedTemporaryFile() as file:
    for _ in range(200):
        file.write(b"0123456789abcdef" * 8192)
    file.flush()
    print([checksum(file.name) for _ in range(3)])
