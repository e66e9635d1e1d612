# may: leak
"""Finds the first matching paragraph of each document for the search preview.

Documents are unpacked into large workspaces which are shared between requests
through a depot; the depot also knows all its workspaces for the stats page."""
import random
import re
import zlib


class Workspace:
    SIZE = 256 * 1024

    def __init__(self, serial):
        self.serial = serial
        self.area = bytearray(b" ") * self.SIZE
        self.used = 0

    def load(self, packed):
        text = zlib.decompress(packed)
        self.used = len(text)
        self.area[:self.used] = text

    def paragraphs(self):
        at = 0
        while at < self.used:
            end = self.area.find(b"\n\n", at, self.used)
            if end < 0:
                end = self.used
            yield at, end
            at = end + 2


class Depot:
    def __init__(self):
        self.idle = []
        self.known = []

    def lend(self):
        if self.idle:
            return self.idle.pop()
        space = Workspace(len(self.known))
        self.known.append(space)
        return space

    def give_back(self, space):
        space.used = 0
        self.idle.append(space)


class Searcher:
    def __init__(self, depot):
        self.depot = depot

    def hits(self, packed, pattern):
        """Lazily yield the paragraphs that match."""
        space = self.depot.lend()  # advise: pool-leak
        space.load(packed)
        for lo, hi in space.paragraphs():
            if pattern.search(space.area, lo, hi):
                yield bytes(space.area[lo:hi]).decode()
        self.depot.give_back(space)

    def preview(self, packed, pattern, width=48):
        for text in self.hits(packed, pattern):
            return text[:width]
        return "-"

    def count(self, packed, pattern):
        return sum(1 for _ in self.hits(packed, pattern))


def documents(n, seed=51):
    rng = random.Random(seed)
    words = "queue shard index lease quorum replica ledger socket cursor epoch gossip raft".split()
    for _ in range(n):
        paragraphs = [" ".join(rng.choices(words, k=rng.randint(15, 40))) for _ in range(110)]
        yield zlib.compress("\n\n".join(paragraphs).encode(), 1)


def main():
    rng = random.Random(2)
    searcher = Searcher(Depot())
    patterns = [re.compile(p) for p in (rb"raft quorum", rb"lease\s+\w+\s+epoch", rb"gossip gossip gossip gossip")]
    shown, counted = [], 0
    for packed in documents(1_500):
        pattern = rng.choice(patterns)
        if rng.random() < 0.6:
            shown.append(searcher.preview(packed, pattern))
        else:
            counted += searcher.count(packed, pattern)
    print(len(shown), sum(s != "-" for s in shown), counted)
    for line in shown[:4]:
        print(line)


if __name__ == "__main__":
    main()
