"""Counts lines, words and bytes of a log, and its checksum: reads it in chunks."""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path

CHUNK_BYTES = 64 * 1024


def write_log(path: Path, megabytes: int) -> None:
    line = b"2026-11-23 07:00:00 INFO request served in 12 ms by worker-3\n"
    block = line * (1_000_000 // len(line))
    with path.open("wb") as log:
        for _ in range(megabytes):
            log.write(block)


def describe(path: Path) -> tuple[int, int, int, int]:
    lines = words = size = checksum = 0
    with path.open("rb") as log:
        while chunk := log.read(CHUNK_BYTES):
            newlines = chunk.count(b"\n")
            lines += newlines
            words += newlines + chunk.count(b" ")
            size += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
    return lines, words, size, checksum


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "service.log"
        write_log(log, megabytes=20)
        lines, words, size, checksum = describe(log)
    print(f"{lines} lines, {words} words, {size} bytes, checksum {checksum:08x}")


if __name__ == "__main__":
    main()
