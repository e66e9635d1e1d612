"""Reads in pieces of 64 KiB."""

# forbid: chunk reuse-buffer pool
import tempfile
import zlib

with tempfile.TemporaryFile() as file:
    file.write(b"some words " * 3_000_000)
    file.seek(0)
    found = 0
    while piece := file.read(1 << 16):
        found = zlib.crc32(piece, found)
print(found)
