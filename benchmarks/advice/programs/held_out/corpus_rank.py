# may: compact
"""Corpus statistics: tokenises notes, weighs terms across all of them, then lays out a bitmap index."""
import random
import zlib
from array import array


class Note:
    __slots__ = ("title", "terms", "check", "shelf")

    def __init__(self, title, terms, check, shelf):
        self.title, self.terms, self.check, self.shelf = title, terms, check, shelf

    def bit(self, width):
        return (self.check * 31 + self.terms) % width


def text_of(i, rng):
    base = rng.randrange(1 << 30)
    return " ".join([f"t{base + k * 7919:x}" for k in range(230)])


def variety(batch):
    """Term lengths shared by notes from both ends (a crude document frequency)."""
    shared = 0
    for left, right in zip(batch, reversed(batch)):
        shared += len(left[0]) == len(right[-1])
    return shared


class Corpus:
    def __init__(self, seed):
        self.seed = seed
        self.notes = []
        self.shared = 0

    def ingest(self, count):
        rng = random.Random(self.seed)
        batch = []
        for i in range(count):
            terms = text_of(i, rng).split(" ")
            batch.append(terms)
            check = zlib.crc32(terms[-1].encode())
            self.notes.append(Note(f"note-{i:05d}", len(terms), check, i % 40))  # advise: arena-pinning
        self.shared = variety(batch)
        return sum(map(len, batch))


class BitmapIndex:
    def __init__(self, shelves, width):
        self.width = width
        self.planes = [bytearray(width // 8) for _ in range(shelves)]

    def put(self, note):
        bit = note.bit(self.width)
        self.planes[note.shelf][bit >> 3] |= 1 << (bit & 7)

    def digest(self):
        crc = 0
        for plane in self.planes:
            crc = zlib.adler32(plane, crc)
        return crc


def main():
    corpus = Corpus(seed=3)
    total = corpus.ingest(6800)
    print("terms", total, "shared", corpus.shared)
    index = BitmapIndex(shelves=40, width=20_000_000)
    for note in corpus.notes:
        index.put(note)
    print("index", f"{index.digest():08x}")
    longest = max(corpus.notes, key=lambda n: n.check)
    print(longest.title, longest.terms, array("I", (n.check for n in corpus.notes[:3])).tolist())


if __name__ == "__main__":
    main()
