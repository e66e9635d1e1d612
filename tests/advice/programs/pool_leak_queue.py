import queue


class BufferPool:
    def __init__(self, size, n):
        self.size = size
        self.q = queue.LifoQueue()

    def get(self):
        try:
            return self.q.get_nowait()
        except queue.Empty:
            return bytearray(self.size)

    def put(self, b):
        self.q.put(b)


pool = BufferPool(8192, 4)


def ok(n):
    b = pool.get()
    try:
        b[0] = n & 255
        return b[0]
    finally:
        pool.put(b)


def parse(n):
    b = pool.get()  # advise: pool-leak before 3.14
    b[0] = n & 255
    if b[0] == 0:
        raise ValueError
    return b[0]


t = 0
for i in range(15000):
    t += ok(i)
    try:
        t += parse(i)
    except ValueError:
        pass
print(t)
