"""Texts that are kept as lists of characters, because characters are changed."""

# forbid: over-allocated


class Sheet:
    __slots__ = ("body", "number")

    def __init__(self, number, text):
        self.number = number
        self.body = list(text)

    def hide(self, place):
        self.body[place] = "*"


def main():
    sheets = [Sheet(number, f"the quick brown fox {number} " * 60) for number in range(3_000)]
    for turn in range(150):
        for sheet in sheets:
            sheet.hide(turn * 7 % 900)
    print(sum("".join(sheet.body).count("*") for sheet in sheets))


main()
