"""Pages are gathered and let go in batches, by reference counting; small cycles are beside them."""

import random


class Mark:
    def __init__(self, other=None):
        self.other = other


def marked(number):
    first = Mark()
    second = Mark(first)
    first.other = second
    return number & 255


def batches(count):
    dice = random.Random(4)
    pages = []
    for number in range(count):
        pages.append(bytearray(20_000))
        pages[-1][0] = marked(number)
        if len(pages) == 60:
            yield dice.choice(pages)[0] + sum(page[0] for page in pages)
            pages.clear()


print(sum(batches(6000)))
