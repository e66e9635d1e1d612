"""An upload service that takes the digest of each file: reads it whole.

    python before.py [MEBIBYTES]

The files are real and on disk, 400 MiB together if not told otherwise, and deleted in the end.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

MIB = 1 << 20


def receive(directory: Path, mebibytes: int) -> list[Path]:
    """Four uploads, the last as large as the other three."""
    uploads = []
    block = bytes(range(256)) * (MIB // 256)
    for number, share in enumerate((1, 1, 1, 3)):
        path = directory / f"upload-{number}"
        with path.open("wb") as upload:
            for _ in range(max(mebibytes * share // 6, 1)):
                upload.write(block)
        uploads.append(path)
    return uploads


def digest(path: Path) -> str:
    with path.open("rb") as upload:
        data = upload.read()
        return hashlib.blake2b(data).hexdigest()


def main() -> None:
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    with tempfile.TemporaryDirectory() as directory:
        for path in receive(Path(directory), mebibytes):
            print(path.name, digest(path)[:16])


if __name__ == "__main__":
    main()
