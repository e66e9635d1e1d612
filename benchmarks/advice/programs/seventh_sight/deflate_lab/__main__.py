import random
import zlib

from blocks import BlockWriter, read_block


def messages(count, seed):
    rng = random.Random(seed)
    words = b"north south east west harbour light buoy depth fathom".split()
    pages = [b" ".join(rng.choices(words, k=400)) for _ in range(60)]
    book = b"\n".join(rng.choices(pages, k=2400))
    for _ in range(count):
        start = rng.randrange(len(book) - 120)
        yield book[start:start + rng.randrange(20, 90)]


def main():
    writer = BlockWriter()
    coded = raw = 0
    check = 0
    for message in messages(3000, 90):
        block = writer.write(message)
        text = read_block(block)
        if text != message:
            raise SystemExit("round trip failed")
        raw += len(text)
        coded += len(block)
        check = zlib.crc32(text, check)
    print(writer.blocks, raw, coded, f"{check:08x}")


main()
