class BufferPool:
    def __init__(self, size):
        self.size = size
        self.free = []

    def acquire(self):
        return self.free.pop() if self.free else bytearray(self.size)

    def release(self, b):
        self.free.append(b)


pool = BufferPool(1 << 20)
t = 0
for i in range(30000):
    b = pool.acquire()
    b[0] = i & 255
    t += b[0]
    pool.release(b)
print(t)
