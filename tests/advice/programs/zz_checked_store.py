"""What is packed goes into one store, of which a checksum is made in the end: a result."""

import random
import zlib


class Writer:
    def __init__(self):
        self.places = []
        self.store = bytearray()

    def seal(self, area):
        self.places.append(len(self.store))
        self.store += zlib.compress(area, 1)


def main():
    rng = random.Random(5)
    writer = Writer()
    for number in range(400):
        area = bytearray(40_000)
        area[:9000] = rng.randbytes(9000)
        writer.seal(area)
    print(len(writer.places), zlib.crc32(writer.store))


main()
