"""Encodes records to a MessagePack-like wire format, decodes them back."""
import random
import struct
import zlib

F64 = struct.Struct(">d")


def encode(value, out):
    if isinstance(value, bool):
        out += b"T" if value else b"F"
    elif isinstance(value, int):
        out += b"i"
        out += value.to_bytes(8, "big", signed=True)
    elif isinstance(value, float):
        out += b"d"
        out += F64.pack(value)
    elif isinstance(value, str):
        raw = value.encode()
        out += b"s"
        out += len(raw).to_bytes(4, "big")
        out += raw
    elif isinstance(value, tuple):
        out += b"("
        out += len(value).to_bytes(4, "big")
        for item in value:
            encode(item, out)
    else:
        raise TypeError(type(value))


def decode(data, at=0):
    tag = data[at]
    at += 1
    if tag in b"TF":
        return tag == 84, at
    if tag == 105:
        return int.from_bytes(data[at:at + 8], "big", signed=True), at + 8
    if tag == 100:
        return F64.unpack_from(data, at)[0], at + 8
    size = int.from_bytes(data[at:at + 4], "big")
    at += 4
    if tag == 115:
        return data[at:at + size].decode(), at + size
    items = []
    for _ in range(size):
        item, at = decode(data, at)
        items.append(item)
    return tuple(items), at


def records(rng, n):
    for i in range(n):
        yield i, rng.random() * 90, f"name {rng.randrange(900)}", i % 3 == 0


def main():
    rng = random.Random(5)
    data = bytearray()
    for record in records(rng, 240_000):
        encode(record, data)
    at = total = 0
    while at < len(data):
        record, at = decode(data, at)
        total += record[0] * record[3]
    caption = ""
    for part in ("size", len(data), "crc", zlib.crc32(data), "total", total):
        caption += f"{part} "
    print(caption.strip())


if __name__ == "__main__":
    main()
