class Log:
    def __init__(self):
        self.buf = b""

    def feed(self, data):
        self.buf = self.buf + data  # advise: grow-copy

    def size(self):
        return len(self.buf)


def stream(n):
    for i in range(n):
        yield b"%08d|" % i


log = Log()
for part in stream(14000):
    log.feed(part)
print(log.size())
