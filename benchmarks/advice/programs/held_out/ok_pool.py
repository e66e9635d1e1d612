# a pool of large buffers that pays, and all come back
# forbid: over-pooled pool-leak leak pool
import zlib


class BufferPool:
    def __init__(self):
        self._free = []

    def get(self):
        try:
            return self._free.pop()
        except IndexError:
            return bytearray(1 << 20)

    def put(self, b):
        self._free.append(b)


pool = BufferPool()


def work(n):
    b = pool.get()
    try:
        b[n % len(b)] = 1
        return zlib.crc32(b)
    finally:
        pool.put(b)


x = 0
for n in range(600):
    x ^= work(n)
print(x)
