"""Reads blocks of sensor data into a pair of buffers that go back and forth."""
import queue
import threading
import zlib

SIZE = 4 << 20


class Source:
    def __init__(self, blocks):
        self.left = blocks
        self.pattern = bytes(k * 3 & 255 for k in range(1 << 16))

    def readinto(self, target):
        if not self.left:
            return 0
        self.left -= 1
        for at in range(0, len(target), len(self.pattern) * 8):
            target[at:at + 4096] = self.pattern[self.left % 100:self.left % 100 + 4096]
        return len(target)


def reader(source, empty, full):
    while True:
        block = empty.get()
        got = source.readinto(memoryview(block))
        full.put((block, got))
        if not got:
            return


def digest(block, got, before):
    view = memoryview(block)
    return zlib.adler32(view[:got:1][: 200_000], before)


def main():
    empty, full = queue.Queue(), queue.Queue()
    for _ in range(3):
        empty.put(bytearray(SIZE))
    thread = threading.Thread(target=reader, args=(Source(1200), empty, full))
    thread.start()
    check, blocks = 1, 0
    while True:
        block, got = full.get()
        if not got:
            break
        check = digest(block, got, check)
        blocks += 1
        empty.put(block)
    thread.join()
    print(blocks, "%08x" % check)


main()
