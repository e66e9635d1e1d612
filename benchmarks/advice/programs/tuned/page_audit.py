"""Audits a heap file page by page: slot directory, page checksum, free space."""
import os
import random
import struct
import tempfile
import zlib
from collections import defaultdict
from contextlib import contextmanager

PAGE = 12 << 20
HEAD = struct.Struct("<4sIII")
SLOT = struct.Struct("<IH")


def write_heap(path, pages, seed=3):
    rng = random.Random(seed)
    filler = rng.randbytes(1 << 16)
    with open(path, "wb") as out:
        for number in range(pages):
            slots = []
            at = HEAD.size + 400 * SLOT.size
            for _ in range(400):
                size = rng.randrange(200, 9000)
                slots.append((at, size))
                at += size + rng.randrange(16)
            head = HEAD.pack(b"HEAP", number, len(slots), zlib.crc32(filler[:4096]))
            out.write(head)
            for slot in slots:
                out.write(SLOT.pack(*slot))
            left = PAGE - HEAD.size - len(slots) * SLOT.size
            while left:
                left -= out.write(filler[:min(left, len(filler))])


class HeapFile:
    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY)
        self.pages = os.fstat(self.fd).st_size // PAGE

    def close(self):
        os.close(self.fd)

    def __iter__(self):
        """Yield (number, page); a page is valid until the next one is asked for."""
        for number in range(self.pages):
            page = os.pread(self.fd, PAGE, number * PAGE)  # advise: reuse-buffer
            yield number, page

    @classmethod
    @contextmanager
    def opened(cls, path):
        heap = cls(path)
        try:
            yield heap
        finally:
            heap.close()


class Rule:
    def __init__(self, name):
        self.name = name
        self.notes = defaultdict(int)

    def check(self, number, view):
        raise NotImplementedError


class SlotRule(Rule):
    def check(self, number, view):
        _, _, count, _ = HEAD.unpack_from(view)
        end = HEAD.size + 400 * SLOT.size
        for at, size in SLOT.iter_unpack(view[HEAD.size:HEAD.size + count * SLOT.size]):
            self.notes["gap"] += at - end
            end = at + size
        self.notes["used"] += end


class SampleRule(Rule):
    def check(self, number, view):
        step = PAGE // 16
        for at in range(step, PAGE, step):
            self.notes["crc"] ^= zlib.crc32(view[at:at + 4096], number)


class HeadRule(Rule):
    def check(self, number, view):
        magic, own, count, _ = HEAD.unpack_from(view)
        self.notes["ok" if magic == b"HEAP" and own == number else "bad"] += 1
        self.notes["slots"] += count


def audit(path, rounds):
    rules = [SlotRule("slots"), SampleRule("sample"), HeadRule("head")]
    with HeapFile.opened(path) as heap:
        for _ in range(rounds):
            for number, page in heap:
                with memoryview(page) as view:
                    for rule in rules:
                        rule.check(number, view)
    return {rule.name: dict(rule.notes) for rule in rules}


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "orders.heap")
        write_heap(path, 6)
        for name, notes in audit(path, 95).items():
            print(name, sorted(notes.items()))


if __name__ == "__main__":
    main()
