import array
import random
import struct
import tempfile
import zlib

ENTRY = struct.Struct("<QIHh")
TRAILER = struct.Struct("<II")


class Journal:
    PAGE = 160 * 1024

    def __init__(self, sink):
        self.sink = sink
        self.written = 0
        self.batches = 0

    def commit(self, entries):
        page = bytearray(self.PAGE)
        used = 0
        for key, account, branch, change in entries:
            if used + ENTRY.size + TRAILER.size > self.PAGE:
                raise OverflowError("batch exceeds a page")
            ENTRY.pack_into(page, used, key, account, branch, change)
            used += ENTRY.size
        check = zlib.crc32(memoryview(page)[:used])
        TRAILER.pack_into(page, used, used, check)
        used += TRAILER.size
        self.sink.write(memoryview(page)[:used])
        self.written += used
        self.batches += 1


def batches(count, seed):
    rng = random.Random(seed)
    key = 0
    for number in range(count):
        batch = []
        for _ in range(1 + number % 9):
            key += 1
            batch.append((key, key * 7919 % 1_200_000, number % 40, rng.randrange(-900, 900)))
        yield batch


def main():
    with tempfile.TemporaryFile() as sink:
        journal = Journal(sink)
        for batch in batches(24_000, 61):
            journal.commit(batch)
        sink.seek(0)
        check = 0
        for block in iter(lambda: sink.read(16_384), b""):
            check = zlib.adler32(block, check)
    balances = array.array("i", (n - 128 for n in random.Random(60).randbytes(1_200_000)))
    for batch in batches(24_000, 61):
        for _, account, _, change in batch:
            balances[account] += change
    print(journal.batches, journal.written, f"{check:08x}")
    print(sum(balances), max(balances), min(balances))


if __name__ == "__main__":
    main()
