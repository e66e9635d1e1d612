"""Make a finished capture small: compress its frames, each on its own.

The recorder appends plain frames, so that a file cut anywhere is readable. Once the last frame is
there the same contents fit into a third of the space.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

from memscope.capture.format import HEADER, MAGIC, PACKED, SYNC, FormatError, pack_payload
from memscope.capture.frames import Source, read_payload, walk
from memscope.errors import CaptureError

# Below this a zlib stream gains next to nothing.
_WORTH_BYTES = 128


def pack(path: Path) -> None:
    """Replace a capture by a smaller one of the same contents, or leave it as it is.

    The new file takes the old one's name in one step. A capture that is damaged or has no end, and
    one in a directory that takes no second file, are left alone.
    """
    draft = path.with_name(f".{path.name}.packing")
    try:
        data = _packed(path)
        if data is None:
            return
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(draft, path.stat().st_mode & 0o777)
        os.replace(draft, path)
    except (OSError, CaptureError, FormatError, MemoryError):
        with suppress(OSError):
            draft.unlink()


def _packed(path: Path) -> bytes | None:
    source = Source(path)
    try:
        index = walk(source)
        if not index.ended or index.damage:
            return None
        parts = [MAGIC]
        for sequence, frame in enumerate(index.frames):
            payload = read_payload(source, frame)
            stored, version = payload, frame.version
            if len(payload) >= _WORTH_BYTES:
                packed = pack_payload(payload)
                if len(packed) < len(payload):
                    stored, version = packed, frame.version | PACKED
            head = HEADER.pack(
                SYNC, frame.kind, version, len(stored), sequence, zlib.crc32(stored), 0
            )[:20]
            parts += [head, zlib.crc32(head).to_bytes(4, "little"), stored]
        return b"".join(parts)
    finally:
        source.close()
