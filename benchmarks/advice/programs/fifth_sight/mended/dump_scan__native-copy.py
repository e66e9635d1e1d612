"""Scan a memory dump for marker records and page checksums."""
import mmap
import random
import re
import tempfile
import zlib

MARKER = re.compile(rb"\x7fREC(\d{6})")
PAGE = 1 << 16


def write_dump(out, pages):
    rng = random.Random(73)
    filler = rng.randbytes(PAGE)
    for number in range(pages):
        shift = rng.randrange(PAGE)
        page = bytearray(filler[shift:] + filler[:shift])
        if number % 5 == 0:
            at = rng.randrange(PAGE - 20)
            page[at:at + 10] = b"\x7fREC%06d" % number
        out.write(page)
    out.flush()


class DumpScanner:
    def __init__(self, fileno):
        self.map = mmap.mmap(fileno, 0, access=mmap.ACCESS_READ)
        self.image = self.map

    def records(self):
        for match in MARKER.finditer(self.image):
            yield match.start(), int(match.group(1))

    def page_sums(self):
        for at in range(0, len(self.image), PAGE):
            yield zlib.crc32(self.image[at:at + PAGE])

    def close(self):
        del self.image
        self.map.close()


def main():
    with tempfile.TemporaryFile() as dump:
        write_dump(dump, pages=900)
        scanner = DumpScanner(dump.fileno())
        records = list(scanner.records())
        print("records", len(records), records[0], records[-1])
        mix = 0
        for value in scanner.page_sums():
            mix = (mix * 17 + value) & 0xFFFFFFFF
        print(f"pages {mix:08x}")
        scanner.close()


if __name__ == "__main__":
    main()
