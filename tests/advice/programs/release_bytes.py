import zlib


def raw_rows(n):
    out = bytearray()
    for i in range(n):
        out += b"%060d\n" % i
    return out


def pack(n):
    raw = raw_rows(n)  # advise: release-early
    packed = zlib.compress(raw, 1)
    table = [bytes(400) + bytes([i % 256]) for i in range(n // 8)]
    return len(packed), len(table), table[9][200], hash(tuple(table[::100]))


print(pack(250000))
