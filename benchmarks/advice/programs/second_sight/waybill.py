"""Waybills as a tiny XML dialect."""
from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from typing import Iterator
from unittest.mock import sentinel
from xmlrpc.client import escape

GOODS = ["nuts & bolts", "rods < 2m", "planks > 3m", "paint", "rope"]


@dataclass(frozen=True, slots=True)
class Item:
    goods: str
    kilos: int
    place: object


@dataclass(frozen=True, slots=True)
class Waybill:
    number: int
    items: tuple[Item, ...]

    def xml(self) -> Iterator[str]:
        yield f"<waybill n='{self.number}'>"
        for item in self.items:
            where = "" if item.place is sentinel.unknown else f" at='{item.place}'"
            yield f"<item kg='{item.kilos}'{where}>{escape(item.goods)}</item>"
        yield "</waybill>"


def waybills(count: int, seed: int) -> Iterator[Waybill]:
    rng = random.Random(seed)
    for number in range(count):
        yield Waybill(
            number,
            tuple(
                Item(rng.choice(GOODS), rng.randint(1, 99), rng.choice((sentinel.unknown, "A", "B")))
                for _ in range(5)
            ),
        )


def main() -> None:
    check = length = 0
    for waybill in waybills(12_000, 14):
        text = "".join(waybill.xml())
        check = zlib.crc32(text.encode(), check)
        length += len(text)
    print(length, f"{check:08x}")


if __name__ == "__main__":
    main()
