"""Makes captures with snapshots of objects, from docs/capture-format.md alone."""

from __future__ import annotations

import json
from itertools import pairwise

from capture import writer
from capture.writer import CaptureWriter

ITEM, VALUE, KEY, FIELD = 1, 2, 3, 5  # kinds of references
ROOT, NAMESPACE, COLLECTED, MODULE, MODULES = 1, 2, 16, 32, 128
NAMES = ("modules", "shop", "cache", "__dict__", "held")
LIST_BYTES, ITEM_BYTES, TABLE_BYTES = 64, 40_000, 300

Frame = tuple[int, bytes]


def snapshot(time_ns: int, items: int, moment: str = "asked") -> list[Frame]:
    """`shop.cache` is a list of so many orders, `shop.held` one order that is always there."""
    texts = [name for name in NAMES if name != "modules"]
    # Its references, type (of `loop`), size, flags, name, row; from 1 on.
    objects: list[tuple[list[tuple[int, int]], int, int, int, int, int]] = [
        ([(2, 1 << 3 | FIELD)], 1, 0, ROOT, 0, 0),
        ([(5, 4 << 3 | KEY), (3, VALUE)], 1, 100, NAMESPACE | COLLECTED | MODULES, 0, 0),
        ([(4, 4 << 3 | FIELD)], 1, 100, COLLECTED | MODULE, 0, 0),
        ([(6, KEY), (9, VALUE), (8, KEY), (10, VALUE)], 1, TABLE_BYTES, NAMESPACE, 0, 1),
        *(([], 1, 50, 0, NAMES.index(text) + 1, 0) for text in texts),
        ([(11 + place, place << 3 | ITEM) for place in range(items)], 1, LIST_BYTES, 16, 0, 2),
        *[([], 4, ITEM_BYTES, 16, 0, 5)] * (1 + items),
    ]
    references = [reference for of, *_ in objects for reference in of]
    description = {
        "time_ns": time_ns,
        "moment": moment,
        "taken": True,
        "why": "",
        "roots": 1,
        "objects": len(objects) - 1,
        "names": len(NAMES),
        "values": False,
        "references": len(references),
        "pause_ns": 1_000_000,
    }
    columns = writer.columns_of([(len(of), *more) for of, *more in objects], 6)
    steps = [
        [writer.zigzag(now - before) for before, now in pairwise([0, *values])]
        for values in writer.columns_of(references, 2)
    ]
    return [
        (writer.SNAPSHOT, json.dumps(description).encode()),
        (writer.NAMES, writer.strings(NAMES)),
        (writer.OBJECTS, writer.table(*columns)),
        (writer.REFERENCES, writer.table(*steps)),
    ]


def with_snapshots(made: CaptureWriter, *items: int) -> list[Frame]:
    """The frames of a capture with one snapshot for each number of orders, a second apart."""
    frames = made.frames()
    snapshots = [
        frame
        for number, count in enumerate(items or (1, 4, 9), 1)
        for frame in snapshot(number * 10**9, count)
    ]
    return [*frames[:-1], *snapshots, frames[-1]]
