"""Make a finished capture small: compress its frames, each on its own.

The recorder appends plain frames, so that a file cut anywhere is readable. Once the last frame is
there the same contents fit into a third of the space.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from memscope.capture.format import HEADER, MAGIC, PACKED, SYNC, FormatError, pack_payload
from memscope.capture.frames import CaptureFile, Frame, Progress, read_payload, walk
from memscope.errors import CaptureError

# Below this a zlib stream gains next to nothing.
_WORTH_BYTES = 128
# Above this, time counts for more than the last bytes. 1.1 GB of events take 12 s of processor time
# at level 6, and 5 s at level 4 for 8 % more bytes.
_LARGE_BYTES = 64 << 20
_LEVEL, _LEVEL_LARGE = 6, 4


def pack(
    path: Path,
    progress: Progress | None = None,
    stopped: Callable[[], bool] | None = None,
) -> bool:
    """Replace a capture by a smaller one of the same contents, or leave it as it is.

    The new file takes the old one's name in one step. A capture that is damaged or has no end, and
    one in a directory that takes no second file, are left alone. Progress is told the bytes that
    are done, and all; as soon as `stopped` says so it is given up. False if it was.
    """
    draft = path.with_name(f".{path.name}.packing")
    made = False
    try:
        source = CaptureFile(path)
        try:
            index = walk(source)
            if not index.ended or index.damage:
                return True
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            made = True
            with os.fdopen(descriptor, "wb") as file:
                if not _write(file, source, index.frames, progress, stopped):
                    return False
        finally:
            source.close()
        os.chmod(draft, path.stat().st_mode & 0o777)
        os.replace(draft, path)
        made = False
    except (OSError, CaptureError, FormatError, MemoryError):
        pass
    finally:
        if made:
            with suppress(OSError):
                draft.unlink()
    return True


def _write(
    file: BinaryIO,
    source: CaptureFile,
    frames: tuple[Frame, ...],
    progress: Progress | None,
    stopped: Callable[[], bool] | None,
) -> bool:
    """Write the packed frames; False if it was stopped."""
    file.write(MAGIC)
    done_bytes = 0
    for sequence, (frame, version, stored) in enumerate(_packed(source, frames)):
        if stopped is not None and stopped():
            return False
        head = HEADER.pack(SYNC, frame.kind, version, len(stored), sequence, zlib.crc32(stored), 0)
        head = head[:20]
        file.write(head + zlib.crc32(head).to_bytes(4, "little"))
        file.write(stored)
        done_bytes += frame.length
        if progress is not None:
            progress(done_bytes, source.size_bytes)
    if progress is not None:
        progress(source.size_bytes, source.size_bytes)
    return True


def _packed(source: CaptureFile, frames: tuple[Frame, ...]) -> Iterator[tuple[Frame, int, bytes]]:
    """Each frame with its new version and payload, in order."""
    level = _LEVEL if source.size_bytes < _LARGE_BYTES else _LEVEL_LARGE
    for frame in frames:
        payload = read_payload(source, frame)
        version, stored = frame.version, payload
        if len(payload) >= _WORTH_BYTES:
            smaller = pack_payload(payload, level)
            if len(smaller) < len(payload):
                version, stored = frame.version | PACKED, smaller
        yield frame, version, stored
