"""Texts that are kept as lists of characters, and only searched and sliced."""

import time


class Sheet:
    __slots__ = ("body", "number")

    def __init__(self, number, text):
        self.number = number
        self.body = list(text)  # advise: over-allocated

    def first(self, letter):
        return self.body.index(letter)

    def quote(self, start, stop):
        return "".join(self.body[start:stop])


def main():
    sheets = [Sheet(number, f"the quick brown fox {number} " * 60) for number in range(3_000)]
    for turn in range(40):
        print(sum(sheet.first("x") + len(sheet.quote(turn, turn + 200)) for sheet in sheets))
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        print(turn, [turn] * 40)


main()
