"""A call in a loop makes a large block, and gives a view of it away."""


class Receiver:
    def __init__(self):
        self.total = 0

    def receive(self, size):
        space = bytearray(1 << 20)  # advise: reuse-buffer
        space[:size] = bytes(size)
        return memoryview(space)[:size]

    def run(self, sizes):
        for size in sizes:
            part = self.receive(size)
            self.total += len(part)


receiver = Receiver()
receiver.run(range(400, 2400))
print(receiver.total)
