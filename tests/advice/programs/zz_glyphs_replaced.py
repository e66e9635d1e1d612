"""Texts that are kept as lists of characters, of which parts are replaced."""

import time


class Document:
    __slots__ = ("glyphs",)

    def __init__(self, text):
        self.glyphs = list(text)  # advise: over-allocated

    def replace(self, at, count, text):
        self.glyphs[at : at + count] = text

    def text(self):
        return "".join(self.glyphs)


def main():
    documents = [Document("loom weave thread spindle " * 400) for _ in range(200)]
    for turn in range(100):  # for two seconds, so that memscope comes to ask
        time.sleep(0.02)
        documents[turn].replace(turn * 7, 5, "silk")
        print(documents[turn].text().count("silk"), [turn] * 40)


main()
