"""A scan keeps its letters, that only the method which encodes them needs."""

from array import array
from dataclasses import dataclass, field


@dataclass
class Scan:
    letters: str = ""
    codes: bytes = b""
    table: array = field(default_factory=lambda: array("I"))

    def load(self, parts, length):
        self.letters = "".join(parts)[:length]  # advise: release-early

    def encode(self):
        self.codes = self.letters.encode("ascii")

    def count(self):
        self.table = array("I", [0]) * 4_000_000
        for code in self.codes[::40]:
            self.table[code] += 1


def main():
    scan = Scan()
    scan.load(["ACGTTGCA" * 1_000] * 1_300, 10_000_000)
    scan.encode()
    scan.count()
    print(max(scan.table))


main()
