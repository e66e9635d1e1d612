import random
import struct


class Broken(ValueError):
    pass


class Slate:
    def __init__(self, serial):
        self.serial = serial
        self.cells = bytearray(32768)

    def wipe(self):
        self.cells[:64] = bytes(64)


class Cabinet:
    def __init__(self):
        self.ready = []
        self.lent = {}
        self.made = 0

    def borrow(self):
        if self.ready:
            slate = self.ready.pop()
        else:
            slate = Slate(self.made)
            self.made += 1
        self.lent[slate.serial] = slate
        return slate

    def hand_back(self, slate):
        del self.lent[slate.serial]
        slate.wipe()
        self.ready.append(slate)


def fill(slate, order):
    view = memoryview(slate.cells)
    total = 0
    for i, (qty, cents) in enumerate(order):
        if qty < 1:
            raise Broken(i)
        struct.pack_into("<IQ", view, i * 12, qty, cents)
        total += qty * cents
    return total


def quote(cabinet, order):
    slate = cabinet.borrow()
    try:
        total = fill(slate, order)
        tail = struct.unpack_from("<IQ", slate.cells, (len(order) - 1) * 12)
        return total + tail[0]
    finally:
        cabinet.hand_back(slate)


def serve(orders):
    cabinet = Cabinet()
    good = bad = 0
    for order in orders:
        try:
            good += quote(cabinet, order)
        except Broken:
            bad += 1
    return good, bad


def orders(count):
    rng = random.Random(27)
    for n in range(count):
        order = [(rng.randint(1, 40), rng.randint(50, 90000)) for _ in range(rng.randint(5, 30))]
        if n % 11 == 0:
            order[rng.randrange(len(order))] = (0, 0)
        yield order


if __name__ == "__main__":
    good, bad = serve(orders(26000))
    print("quoted", good, "rejected", bad)
