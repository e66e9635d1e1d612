"""Checksums of a file that is read whole."""

import tempfile
import zlib
from pathlib import Path


def checksum(path):
    data = Path(path).read_bytes()  # advise: chunk
    return zlib.crc32(data), len(data)


with tempfile.NamedTemporaryFile() as file:
    for _ in range(120):
        file.write(b"0123456789abcdef" * 8192)
    file.flush()
    print(checksum(file.name))
