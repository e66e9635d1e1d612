"""A file read whole, and read here and there: it is needed whole. tempting: chunk"""

from __future__ import annotations

import tempfile
from pathlib import Path


def lookups(path: Path) -> int:
    data = path.read_bytes()
    found = 0
    place = 1
    for _ in range(200_000):
        place = (place * 1_103_515_245 + 12_345) % len(data)
        found += data[place]
    return found


with tempfile.TemporaryDirectory() as directory:
    path = Path(directory) / "index"
    path.write_bytes(bytes(range(256)) * 40_000)
    print(lookups(path))
