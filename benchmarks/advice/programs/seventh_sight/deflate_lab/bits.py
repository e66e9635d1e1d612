class BitWriter:
    def __init__(self):
        self.out = bytearray()
        self.hold = 0
        self.count = 0

    def put(self, code, length):
        self.hold = (self.hold << length) | code
        self.count += length
        while self.count >= 8:
            self.count -= 8
            self.out.append(self.hold >> self.count)
            self.hold &= (1 << self.count) - 1

    def flush(self):
        if self.count:
            self.put(0, 8 - self.count)
        return bytes(self.out)


def bit_stream(data):
    for octet in data:
        for shift in (7, 6, 5, 4, 3, 2, 1, 0):
            yield octet >> shift & 1
