"""Rings that are linked once and then walked, which allocates next to nothing: a load."""

import gc
from itertools import repeat


class Bead:
    __slots__ = ("after", "marks", "number")

    def __init__(self, number, after):
        self.number = number
        self.after = after
        self.marks = []


def linked(count):
    first = last = Bead(0, None)
    for number in range(1, count):
        bead = Bead(number * 1000, None)
        last.after = bead
        bead.marks.append(last)
        last = bead
    last.after = first
    return first


def greatest(first, turns):
    found = bead = first
    for _ in repeat(None, turns):
        bead = bead.after
        while bead is not first:
            if bead.number > found.number:
                found = bead
            bead = bead.after
    return found.number


def main():
    gc.disable()
    first = linked(500_000)
    gc.freeze()
    print(greatest(first, 25))


main()
