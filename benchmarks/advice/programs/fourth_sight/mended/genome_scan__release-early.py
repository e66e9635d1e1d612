import random
from array import array
from dataclasses import dataclass, field

BASES = "ACGT"
CODE = bytes.maketrans(b"ACGT", bytes(range(4)))


@dataclass
class Scanner:
    name: str
    letters: str = ""
    codes: bytes = b""
    table: array = field(default_factory=lambda: array("I"))

    def load(self, rng, length):
        block = "".join(rng.choices(BASES, k=20_000))
        parts = []
        got = 0
        while got < length:
            cut = rng.randrange(1000, len(block))
            parts.append(block[cut:] + block[:cut])
            got += len(block)
        self.letters = "".join(parts)[:length]

    def encode(self):
        self.codes = self.letters.encode("ascii").translate(CODE)
        self.letters = ""

    def gc_share(self):
        n = self.codes.count(1) + self.codes.count(2)
        return n / len(self.codes)

    def count_words(self, width, stride):
        self.table = array("I", [0]) * 4 ** width
        mask = 4 ** width - 1
        word = 0
        table = self.table
        for code in self.codes[::stride]:
            word = ((word << 2) | code) & mask
            table[word] += 1

    def commonest(self):
        top = max(self.table)
        return top, self.table.index(top)


def spell(word, width):
    out = []
    for _ in range(width):
        out.append(BASES[word & 3])
        word >>= 2
    return "".join(reversed(out))


def main():
    rng = random.Random(21)
    scanner = Scanner("chr-demo")
    scanner.load(rng, 30_000_000)
    scanner.encode()
    print(f"{scanner.name}: gc {scanner.gc_share():.4f}")
    scanner.count_words(12, stride=20)
    top, word = scanner.commonest()
    print("commonest", spell(word, 12), top)


if __name__ == "__main__":
    main()
