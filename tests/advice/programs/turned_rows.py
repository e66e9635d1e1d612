"""Pictures of all sizes, each row of which is one line turned round: nothing grows."""

import random

rng = random.Random(8)


class Picture:
    def __init__(self):
        self.width, self.height = rng.randrange(300, 1200), rng.randrange(300, 900)
        self.line = rng.randbytes(self.width)

    def row(self, number):
        turn = (number * 31) % self.width
        return self.line[turn:] + self.line[:turn]


def lengths(picture):
    checked = 0
    for number in range(picture.height):
        checked = checked ^ len(picture.row(number))
    return checked


print(max(lengths(Picture()) for _ in range(330)))
