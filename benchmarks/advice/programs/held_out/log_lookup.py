# forbid: chunk compact release-early reuse-buffer
"""Random look-ups in a log: the file is held as one block with an offset
array, since nearly every query jumps to another end of it."""
import os
import random
import tempfile
from array import array
from bisect import bisect_left

LEVELS = (b"DEBUG", b"INFO", b"WARN", b"ERROR")


def write_log(path, lines, seed=61):
    rng = random.Random(seed)
    second = 1_700_000_000
    with open(path, "wb") as out:
        for i in range(lines):
            second += int(rng.random() * 3)
            out.write(b"%d %s node-%02d request %08x took %d\n" % (
                second, LEVELS[int(rng.random() ** 3 * 4)], i % 48, i * 2654435761 & 0xFFFFFFFF, int(rng.random() * 900)))


class LogBlock:
    def __init__(self, path):
        with open(path, "rb") as src:
            self.data = src.read()
        self.starts = array("I", [0])
        find, at = self.data.find, 0
        while (at := find(b"\n", at) + 1) and at < len(self.data):
            self.starts.append(at)

    def __len__(self):
        return len(self.starts)

    def stamp(self, i):
        at = self.starts[i]
        return int(self.data[at:at + 10])

    def line(self, i):
        end = self.starts[i + 1] - 1 if i + 1 < len(self.starts) else len(self.data) - 1
        return self.data[self.starts[i]:end]

    def since(self, second):
        return bisect_left(range(len(self)), second, key=self.stamp)

    def between(self, lo, hi):
        for i in range(self.since(lo), len(self)):
            if self.stamp(i) >= hi:
                return
            yield self.line(i)


class Queries:
    def __init__(self, block, seed):
        self.block = block
        self.rng = random.Random(seed)
        self.first, self.last = block.stamp(0), block.stamp(len(block) - 1)

    def slow_errors(self, span):
        lo = self.rng.randrange(self.first, self.last - span)
        found = 0
        for line in self.block.between(lo, lo + span):
            _, level, _, _, _, _, took = line.split(b" ")
            found += level == b"ERROR" and int(took) > 700
        return found

    def node_at(self):
        i = self.block.since(self.rng.randrange(self.first, self.last))
        return int(self.block.line(i).split(b" ")[2][-2:])


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "service.log")
        write_log(path, 420_000)
        block = LogBlock(path)
    queries = Queries(block, seed=2)
    errors = [queries.slow_errors(span=90) for _ in range(4_000)]
    nodes = sum(queries.node_at() for _ in range(30_000))
    print(len(block), len(block.data), sum(errors), max(errors), nodes)
    print(block.line(len(block) // 2).decode())


if __name__ == "__main__":
    main()
