import array
import random
from contextlib import contextmanager


class Rejected(Exception):
    pass


class Predictor:
    WINDOW = 1 << 14

    def __init__(self, serial):
        self.serial = serial
        self.table = array.array("H", [i * 40503 & 0xFFFF for i in range(4096)])
        self.guess = bytearray(self.WINDOW)

    def reset(self, used):
        self.guess[:] = bytes(self.WINDOW)

    def squeeze(self, data):
        guess, table = self.guess, self.table
        state = hits = 0
        for octet in data:
            slot = table[octet << 4] & 0x3FFF
            if guess[state & 0x3FFF] == octet:
                hits += 1
            guess[state & 0x3FFF] = octet
            state = (state << 4 ^ slot) & 0xFFFF
        if hits * 60 < len(data):
            raise Rejected(f"{hits} of {len(data)}")
        return hits


class Desk:
    def __init__(self):
        self.shelf = []
        self.issued = []

    @contextmanager
    def predictor(self):
        if self.shelf:
            coder = self.shelf.pop()
        else:
            coder = Predictor(len(self.issued))
            self.issued.append(coder)
        coder.reset(0)
        yield coder
        self.shelf.append(coder)


def documents(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        if rng.random() < 0.3:
            yield number, rng.randbytes(rng.randrange(300, 600))
        else:
            phrase = rng.randbytes(rng.randrange(5, 20))
            yield number, phrase * (500 // len(phrase))


def main():
    desk = Desk()
    accepted = rejected = hits = 0
    for number, data in documents(3500, 70):
        try:
            with desk.predictor() as coder:
                hits += coder.squeeze(data)
        except Rejected:
            rejected += 1
        else:
            accepted += 1
    print(accepted, rejected, hits)


if __name__ == "__main__":
    main()
