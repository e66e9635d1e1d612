"""Chains whose links know each other both ways: only the collector can free them."""


class Link:
    __slots__ = ("after", "before")

    def __init__(self, before):
        self.before = before
        self.after = None


def chain(length):
    last = Link(None)
    for _ in range(length):
        new = Link(last)  # advise: cycles
        last.after = new
        last = new
    return last


def main():
    total = 0
    for length in range(2000, 2150):
        total += chain(length).before is not None
    print(total)


main()
