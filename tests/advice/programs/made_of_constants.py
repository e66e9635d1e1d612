"""A spelling checker is given a text, but what takes long is a table that is always the same."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Checker:
    def __init__(self, text):
        self.text = text
        self.pairs = {a + b: number for number, a in enumerate(LETTERS[:6]) for b in LETTERS}
        self.order = [pair.upper() for pair in self.pairs]

    def unusual(self):
        return sum(self.pairs.get(self.text[at : at + 2], 9) > 4 for at in range(len(self.text)))


def check(text):
    checker = Checker(text)  # advise: pool
    return checker.unusual()


print(sum(check(f"a text about {number}") for number in range(3000)))
