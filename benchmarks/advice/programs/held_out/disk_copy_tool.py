# forbid: reuse-buffer chunk pool
"""dd-like copy tool with pluggable filters and a running checksum."""
import argparse
import contextlib
import hashlib
import os
import random
import tempfile


class Filter:
    name = "none"

    def apply(self, view):
        pass


class XorFilter(Filter):
    name = "xor"

    def __init__(self, key):
        self.key = key
        self.at = 0

    def apply(self, view):
        for i in range(0, len(view), 509):
            view[i] ^= self.key[self.at % len(self.key)]
            self.at += 1


class ZeroRuns(Filter):
    name = "sparse"

    def __init__(self, page=4096):
        self.page = page
        self.zero = bytes(page)
        self.found = 0

    def apply(self, view):
        for at in range(0, len(view), self.page):
            if view[at:at + self.page] == self.zero[: len(view) - at]:
                self.found += 1


class Copier:
    def __init__(self, block, filters=()):
        self.buffer = bytearray(block)
        self.view = memoryview(self.buffer)
        self.filters = list(filters)
        self.digest = hashlib.blake2b(digest_size=8)
        self.copied = 0

    def pump(self, src, dst):
        while n := src.readinto(self.buffer):
            part = self.view[:n]
            for f in self.filters:
                f.apply(part)
            self.digest.update(part)
            dst.write(part)
            self.copied += n

    def copy(self, a, b):
        with contextlib.ExitStack() as stack:
            src = stack.enter_context(open(a, "rb", buffering=0))
            dst = stack.enter_context(open(b, "wb", buffering=0))
            self.pump(src, dst)


def prepare(path, mb):
    rng = random.Random(mb)
    noise = rng.randbytes(512 * 1024)
    mirrored, empty = noise[::-1], bytes(len(noise))
    with open(path, "wb") as f:
        for i in range(mb):
            f.write(noise)
            f.write(empty if i % 3 else mirrored)


def parse(argv=None):
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--block", type=int, default=1 << 20)
    ap.add_argument("--mb", type=int, default=90)
    return ap.parse_args(argv)


def main():
    opts = parse()
    with tempfile.TemporaryDirectory() as tmp:
        a, b, c = (os.path.join(tmp, n) for n in "abc")
        prepare(a, opts.mb)
        key = b"correct horse"
        for block in (opts.block, opts.block // 4):
            sparse = ZeroRuns()
            there = Copier(block, [sparse, XorFilter(key)])
            there.copy(a, b)
            back = Copier(block, [XorFilter(key)])
            back.copy(b, c)
            print(block, there.copied, there.digest.hexdigest(), back.digest.hexdigest(), sparse.found)


if __name__ == "__main__":
    main()
