import random
import zlib
from collections import defaultdict


class Bin:
    def __init__(self):
        self.racks = defaultdict(list)

    def obtain(self, size):
        rack = self.racks[size]
        if rack:
            return rack.pop()
        return bytearray(size)

    def put_away(self, strip):
        self.racks[len(strip)].append(strip)


class Cutter:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.cloth = self.rng.randbytes(1 << 18)
        self.bin = Bin()

    def cut(self, start, size):
        strip = self.bin.obtain(size)
        strip[:size] = self.cloth[start:start + size]
        for at in range(0, size, 12):
            strip[at] = 255 - strip[at]
        value = zlib.crc32(memoryview(strip)[:size])
        self.bin.put_away(strip)
        return value

    def shift(self, count):
        for _ in range(count):
            size = self.rng.randint(20_000, 180_000)
            start = self.rng.randrange(len(self.cloth) - size)
            yield self.cut(start, size)


def main():
    cutter = Cutter(70)
    mix, odd = 0, 0
    for value in cutter.shift(1000):
        mix = (mix * 65599 + value) & 0xFFFFFFFF
        odd += value & 1
    print("strips", 1000, "odd", odd, f"mix {mix:08x}")


if __name__ == "__main__":
    main()
