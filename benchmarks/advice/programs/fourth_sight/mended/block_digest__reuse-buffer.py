"""Digest every member of an archive, like a tiny md5deep for zips."""
import hashlib
import io
import random
import sys
import zipfile
import zlib

BLOCK = 6 << 20


def make_archive(seed, members):
    rng = random.Random(seed)
    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_STORED) as archive:
        for number in range(members):
            name = f"d{number % 7}/f{number:04d}.bin"
            archive.writestr(zipfile.ZipInfo(name), rng.randbytes(rng.randrange(500, 9_000)))
        archive.writestr(zipfile.ZipInfo("big.bin"), rng.randbytes(7_000_000))
    store.seek(0)
    return store


def digest(source, block):
    window = memoryview(block)
    crc = 0
    total = 0
    while got := source.readinto(block):
        crc = zlib.crc32(window[:got], crc)
        total += got
    return crc, total


def main(argv):
    members = int(argv[1]) if len(argv) > 1 else 2800
    overall = hashlib.sha256()
    volume = 0
    block = bytearray(BLOCK)
    with zipfile.ZipFile(make_archive(12, members)) as archive:
        for name in sorted(archive.namelist()):
            with archive.open(name) as source:
                crc, size = digest(source, block)
            overall.update(crc.to_bytes(4, "big"))
            volume += size
    print(f"{members} small members, {volume} bytes, {overall.hexdigest()[:16]}")


if __name__ == "__main__":
    main(sys.argv)
