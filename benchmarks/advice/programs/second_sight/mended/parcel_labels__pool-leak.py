"""Prints parcel labels with a pool of label printers."""
from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, field


class BadAddress(ValueError):
    pass


@dataclass(eq=False)
class Printer:
    ident: int
    canvas: bytearray = field(default_factory=lambda: bytearray(24 * 1024))
    glyphs: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for k in range(64):
            self.glyphs[chr(48 + k)] = bytes([k, k ^ 21, k ^ 42, k ^ 63])

    def draw(self, address: str) -> int:
        at = 0
        for letter in address:
            shape = self.glyphs.get(letter)
            if shape is None:
                raise BadAddress(address)
            self.canvas[at:at + 4] = shape
            at += 4
        return zlib.crc32(memoryview(self.canvas)[:at])


@dataclass
class Pool:
    idle: list[Printer] = field(default_factory=list)
    everyone: list[Printer] = field(default_factory=list)

    def acquire(self) -> Printer:
        if not self.idle:
            self.idle.append(Printer(len(self.everyone)))
            self.everyone.append(self.idle[-1])
        return self.idle.pop()

    def release(self, printer: Printer) -> None:
        self.idle.append(printer)


@dataclass
class Shop:
    pool: Pool = field(default_factory=Pool)
    check: int = 0
    bad: int = 0

    def label(self, address: str) -> None:
        printer = self.pool.acquire()
        try:
            self.check ^= printer.draw(address)
        except BadAddress:
            self.bad += 1
        finally:
            self.pool.release(printer)


def addresses(count: int, seed: int):
    rng = random.Random(seed)
    for _ in range(count):
        text = "".join(chr(rng.randrange(48, 112)) for _ in range(24))
        yield text + " " if rng.random() < 0.08 else text


def main() -> None:
    shop = Shop()
    for address in addresses(25_000, 40):
        shop.label(address)
    print(f"{shop.check:08x}", shop.bad)


if __name__ == "__main__":
    main()
