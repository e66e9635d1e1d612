"""Scans a disk image in pieces so large that the memory of each comes from the kernel anew."""

import tempfile
import zlib

PIECE = 40 << 20


def scan(image, passes):
    found = 0
    for _ in range(passes):
        image.seek(0)
        piece = image.read(PIECE)  # advise: reuse-buffer
        found = zlib.crc32(memoryview(piece)[:: PIECE // 64].tobytes(), found)
    return found


def pieces(image, passes):
    """In pieces of 64 KiB there is nothing to gain."""
    count = 0
    for _ in range(passes):
        image.seek(0)
        while piece := image.read(1 << 16):
            count += piece[0]
    return count


with tempfile.TemporaryFile(buffering=0) as image:
    image.truncate(PIECE)
    print(scan(image, 30), pieces(image, 1))
