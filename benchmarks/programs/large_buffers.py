"""Few but large blocks: growing bytearrays, slices of megabytes, joins and compression."""

from __future__ import annotations

import io
import zlib

import stopwatch


def work(scale: int) -> int:
    total = 0
    line = b"0123456789abcdef" * 64
    for turn in range(24 * scale):
        growing = bytearray()
        for _ in range(8_000):
            growing += line
        frozen = bytes(growing)
        pieces = [frozen[start : start + 1_000_000] for start in range(0, len(frozen), 500_000)]
        joined = b"".join(pieces)
        stream = io.BytesIO()
        for piece in pieces:
            stream.write(piece)
        total += len(joined) + len(stream.getvalue()) + joined.count(b"f0", 0, 100_000 + turn)
        total += len(zlib.compress(frozen[:4_000_000], 1))
    return total


if __name__ == "__main__":
    stopwatch.main(work)
