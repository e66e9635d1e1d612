"""Each window, and each summary of one, needs an area for as long as its call takes."""

import zlib


def drawn(number):
    area = bytearray(3 << 20)  # advise: reuse-buffer
    area[number] = 1
    view = memoryview(area)
    return zlib.crc32(view[: number + 64])


class Windows:
    def __init__(self, count):
        self.count = count

    def marks(self):
        return [drawn(number) for number in range(self.count)]

    def last(self):
        return max(map(drawn, range(self.count, self.count + 60)))


windows = Windows(120)
print(len(set(windows.marks())), windows.last())
