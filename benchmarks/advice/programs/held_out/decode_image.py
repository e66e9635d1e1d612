# decompresses, then filters; the compressed and raw forms stay to the end
import os
import zlib


def pixels(blob):
    raw = zlib.decompress(blob)  # advise: release-early
    rows = [raw[i : i + 4000] for i in range(0, len(raw), 4000)]
    filtered = []
    for row in rows:
        filtered.append(bytes(reversed(row)) + row)
    return len(filtered), filtered[-1][0]


blob = zlib.compress(os.urandom(1 << 16) * 400, 1)
print(pixels(blob))
