# forbid: grow-copy
"""Assembler and disassembler for a toy CPU: code section, fixups, string pool, listing."""
import io
import struct
import zlib

OPS = {"nop": 0, "mov": 1, "add": 2, "sub": 3, "jmp": 4, "jnz": 5, "out": 6, "hlt": 7}
NAMES = {v: k for k, v in OPS.items()}


class Section:
    def __init__(self):
        self.code = bytearray()
        self.labels = {}
        self.fixups = []
        self.strings = {}

    def label(self, name):
        self.labels[name] = len(self.code)

    def emit(self, op, reg=0, operand=0):
        self.code += struct.pack("<BB", OPS[op], reg)
        if isinstance(operand, str):
            self.fixups.append((len(self.code), operand))
            operand = 0
        self.code += struct.pack("<i", operand)

    def intern(self, text):
        return self.strings.setdefault(text, len(self.strings))

    def link(self):
        for at, name in self.fixups:
            struct.pack_into("<i", self.code, at, self.labels[name])
        blob = b"\0".join(s.encode() for s in self.strings)
        return bytes(self.code), blob


def assemble(lines):
    section = Section()
    for line in lines:
        head, _, rest = line.partition(" ")
        if head.endswith(":"):
            section.label(head[:-1])
        elif head in ("jmp", "jnz"):
            reg, target = rest.split(",") if "," in rest else ("0", rest)
            section.emit(head, int(reg), target.strip())
        elif head == "out":
            section.emit("out", 0, section.intern(rest.strip('"')))
        else:
            reg, _, value = rest.partition(",")
            section.emit(head, int(reg or 0), int(value or 0))
    return section.link()


def listing(code):
    page = io.StringIO()
    for at in range(0, len(code), 6):
        op, reg, value = struct.unpack_from("<BBi", code, at)
        text = f"{at:06x}  {NAMES[op]:<4}"
        if op in (1, 2, 3, 5):
            text += f" r{reg}"
        if value:
            text += f", {value}"
        page.write(text + "\n")
    return page.getvalue()


def program(blocks):
    for b in range(blocks):
        yield f"b{b}:"
        yield f"mov {b % 8},{b * 17 % 4096}"
        for k in range(3):
            yield f"add {(b + k) % 8},{k + 1}"
        yield f'out "block {b % 50}"'
        yield f"sub {b % 8},1"
        yield f"jnz {b % 8},b{max(0, b - 3)}"
    yield "hlt"


def main():
    code, pool = assemble(program(40_000))
    print(len(code), "bytes of code,", len(pool), "bytes of strings", f"{zlib.crc32(code):08x}")
    text = listing(code)
    print(f"{zlib.crc32(text.encode()):08x}", text.count("\n"), "lines")
    print(text[-150:].rstrip())


if __name__ == "__main__":
    main()
