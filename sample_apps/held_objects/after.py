"""Packs a log and then counts its words: the log goes as soon as it is packed."""

from __future__ import annotations

import zlib

LINES = 250_000


def raw_log(lines: int) -> bytearray:
    log = bytearray()
    for number in range(lines):
        log += b"%09d GET /items/%d served in %d us\n" % (number, number % 97, number % 1013)
    return log


def archive(lines: int) -> tuple[int, int]:
    log = raw_log(lines)
    packed = zlib.compress(log, 1)
    del log
    seconds = [bytes(316) + bytes([number % 256]) for number in range(lines // 8)]
    return len(packed), seconds[97][316] + seconds[-1][316]


def main() -> None:
    print(*archive(LINES))


if __name__ == "__main__":
    main()
