"""Looks people up in a sorted telephone book: the file is read whole and then searched by halving."""

# forbid: chunk release-early compact

import os
import random
import tempfile
from bisect import bisect_left
from pathlib import Path


class PhoneBook:
    def __init__(self, path):
        self.data = Path(path).read_bytes()
        self.size = len(self.data)

    def line_at(self, offset):
        """The line that the byte at offset belongs to."""
        start = self.data.rfind(b"\n", 0, offset) + 1
        end = self.data.find(b"\n", offset)
        return self.data[start : end if end >= 0 else self.size]

    def name_at(self, offset):
        return self.line_at(offset).partition(b"\t")[0]

    def number(self, name):
        where = bisect_left(range(self.size), name, key=self.name_at)
        found, _, number = self.line_at(min(where, self.size - 1)).partition(b"\t")
        return int(number) if found == name else None


def write_book(path, count, seed):
    rng = random.Random(seed)
    with open(path, "w", encoding="ascii") as out:
        for number in range(count):
            out.write(f"{number * 7:09}-{'abcdefgh'[number % 8] * 6}\t{rng.randrange(10**6, 10**8)}\n")


def main():
    handle, path = tempfile.mkstemp(suffix=".tsv")
    os.close(handle)
    try:
        write_book(path, 150_000, 5)
        book = PhoneBook(path)
    finally:
        os.unlink(path)
    rng = random.Random(6)
    hits = misses = total = 0
    for _ in range(40_000):
        number = rng.randrange(150_000)
        name = f"{number * 7:09}-{'abcdefgh'[(number + (rng.random() < 0.1)) % 8] * 6}"
        answer = book.number(name.encode())
        if answer is None:
            misses += 1
        else:
            hits += 1
            total += answer
    print(book.size, hits, misses, total)


if __name__ == "__main__":
    main()
