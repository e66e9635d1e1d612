import threading
import zlib


class Server:
    def __init__(self):
        self.total = 0
        self.lock = threading.Lock()

    def handle(self, n):
        frame = bytearray(2 << 20)  # advise: pool
        frame[n % 1000] = 7
        c = zlib.adler32(frame)
        with self.lock:
            self.total ^= c

    def worker(self, start):
        for n in range(start, start + 60):
            self.handle(n)


s = Server()
ts = [threading.Thread(target=s.worker, args=(i * 60,)) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(s.total)
