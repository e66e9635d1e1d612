"""Frames that are each kept in a buffer of the longest that may come."""

import time


class Frame:
    __slots__ = ("data", "used")

    def __init__(self, wire):
        data = bytearray(9_000)  # advise: over-allocated
        data[: len(wire)] = wire
        self.data = data
        self.used = len(wire)


def main():
    frames = [Frame(b"%d" % number * 80) for number in range(2_000)]
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        print(sum(frame.data[turn % frame.used] for frame in frames), [turn] * 40)


main()
