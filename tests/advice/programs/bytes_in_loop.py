"""Packets put together with bytes +=, in a generator's consumer."""


def packets(count):
    for number in range(count):
        yield number.to_bytes(4, "big") * 10


def assemble(count):
    whole = b""
    for packet in packets(count):
        whole = whole + packet  # advise: grow-copy
    return whole


print(len(assemble(9000)))
