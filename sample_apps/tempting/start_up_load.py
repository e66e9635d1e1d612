"""A table that grows while it is loaded, and serves ever after. tempting: leak"""

from __future__ import annotations

TABLE: dict[int, str] = {}


def load(rows: int) -> None:
    for number in range(rows):
        TABLE[number] = f"row {number:060d}"


def serve(requests: int) -> int:
    return sum(
        len(TABLE[number * 7919 % len(TABLE)]) + len(str(number)) for number in range(requests)
    )


load(20_000)
print(serve(300_000))
