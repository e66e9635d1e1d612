"""Blocks of a file, one after the other: a kept buffer gains nothing. tempting: reuse-buffer"""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path

with tempfile.TemporaryDirectory() as directory:
    path = Path(directory) / "file"
    path.write_bytes(bytes(range(256)) * 65536)
    checksum = 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(256 << 10):
            checksum = zlib.crc32(block, checksum)
print(checksum)
