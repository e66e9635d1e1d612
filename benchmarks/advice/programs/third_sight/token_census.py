import collections
import random
import zlib


def sentences(seed, count):
    rng = random.Random(seed)
    base = [rng.randbytes(5).hex() for _ in range(3000)]
    for _ in range(count):
        yield " ".join(rng.choices(base, k=12))


def gather(seed, count):
    table = []
    flagged = []
    for n, sentence in enumerate(sentences(seed, count)):
        parts = sentence.split()
        table.append((len(parts), parts))
        if n % 100 == 0:
            flagged.append("%s/%d" % (parts[-1], n))
    firsts = collections.Counter(parts[0] for _, parts in table)
    word, times = max(firsts.items(), key=lambda kv: (kv[1], kv[0]))
    late = sum(count for count, parts in table if parts[-1] > parts[0])
    return f"{word}*{times}", late, flagged


def stitch(flagged, size):
    sheet = bytearray(size)
    step = size // len(flagged)
    for i, word in enumerate(flagged):
        raw = word.encode()
        sheet[i * step:i * step + len(raw)] = raw
    for i in range(0, size, 4096):
        sheet[i] ^= 0x5A
    return sheet


def main():
    common, late, flagged = gather(6, 75000)
    sheet = stitch(flagged, 56 << 20)
    print("common", common, "late", late)
    print("flagged", len(flagged), "first", flagged[0], "last", flagged[-1])
    print("sheet %08x" % zlib.adler32(sheet))


if __name__ == "__main__":
    main()
