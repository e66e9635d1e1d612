"""Finds where given phrases stand in a text, with a sorted array of word starts."""
# forbid: chunk, release-early
import os
import random
import tempfile
from array import array


def write_text(path, words):
    rng = random.Random(99)
    syllables = ("ka", "lo", "mi", "ren", "tu", "sha", "vor", "el")
    with open(path, "w", encoding="ascii") as out:
        for _ in range(words):
            out.write("".join(rng.choices(syllables, k=3)) + " ")


class Concordance:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.text = file.read()
        starts = array("I", [0])
        at = self.text.find(b" ")
        while 0 <= at < len(self.text) - 1:
            starts.append(at + 1)
            at = self.text.find(b" ", at + 1)
        text = self.text
        self.starts = array("I", sorted(starts, key=lambda start: text[start : start + 24]))

    def find(self, phrase):
        low, high = 0, len(self.starts)
        while low < high:
            middle = (low + high) // 2
            start = self.starts[middle]
            if self.text[start : start + len(phrase)] < phrase:
                low = middle + 1
            else:
                high = middle
        count = 0
        while low + count < len(self.starts):
            start = self.starts[low + count]
            if self.text[start : start + len(phrase)] != phrase:
                break
            count += 1
        return count


def main():
    handle, path = tempfile.mkstemp()
    os.close(handle)
    try:
        write_text(path, 220_000)
        concordance = Concordance(path)
    finally:
        os.unlink(path)
    found = {}
    for phrase in (b"kalomi", b"sha", b"tutu", b"elvor", b"renkalo mi", b"zzz"):
        found[phrase.decode()] = concordance.find(phrase)
    print(len(concordance.text), len(concordance.starts), found)


if __name__ == "__main__":
    main()
