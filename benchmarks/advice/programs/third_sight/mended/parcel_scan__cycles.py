import random
import zlib


class Garbled(Exception):
    def __init__(self, offset):
        super().__init__(f"garbled at {offset}")
        self.offset = offset


def receive(rng, size):
    return bytearray(rng.randbytes(4096)) * (size // 4096)


def verify(block, step):
    for offset in range(0, len(block), step):
        if block[offset] & 0x3F == 0x11:
            raise Garbled(offset)
    return zlib.crc32(block)


def attempt(rng, tries, size):
    problem = None
    block = receive(rng, size)
    for n in range(tries):
        try:
            return "ok", verify(block, 977), n
        except Garbled as exc:
            problem = exc.offset
            block[exc.offset] = 0
    return "failed", problem, tries


class Dock:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.outcome = {"ok": 0, "failed": 0}
        self.check = 0
        self.repairs = 0

    def accept(self, count):
        for _ in range(count):
            status, value, tries = attempt(self.rng, 6, 1 << 19)
            self.outcome[status] += 1
            self.check = (self.check * 17 + value) & 0xFFFFFFFF
            self.repairs += tries

    def line(self):
        return f"{self.outcome} repairs {self.repairs} check {self.check:08x}"


def main():
    for seed in (1, 2):
        dock = Dock(seed)
        dock.accept(700)
        print("dock", seed, dock.line())


if __name__ == "__main__":
    main()
