"""Lists and bytearrays grow by an eighth at a time: nothing to advise."""


def build(count):
    out = bytearray()
    sizes = []
    for number in range(count):
        out += b"abcdefgh"
        sizes.append(len(out) & 255)
    return out, sizes


for _ in range(5):
    out, sizes = build(100_000)
print(len(out), len(sizes))
