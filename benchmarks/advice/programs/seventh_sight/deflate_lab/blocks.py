from bits import BitWriter, bit_stream
from codes import CodeBook, fixed_lengths

END = 256


class BlockWriter:
    def __init__(self):
        self.book = CodeBook(fixed_lengths())
        self.blocks = 0

    def write(self, data):
        writer = BitWriter()
        codes = self.book.encode
        for octet in data:
            writer.put(*codes[octet])
        writer.put(*codes[END])
        self.blocks += 1
        return writer.flush()


def read_block(data):
    book = CodeBook(fixed_lengths())
    table = book.decode
    out = bytearray()
    code = length = 0
    for bit in bit_stream(data):
        code = code << 1 | bit
        length += 1
        symbol = table.get((length, code))
        if symbol is None:
            continue
        if symbol == END:
            return bytes(out)
        out.append(symbol)
        code = length = 0
    raise ValueError("block has no end")
