"""Loads all pictures before it shrinks the first, in a container with 80 MB."""

from __future__ import annotations

import time

import container

PICTURES, PIXELS = 400, 400_000


def load(number: int) -> bytearray:
    time.sleep(0.02)
    return bytearray([number % 251]) * PIXELS


def main() -> None:
    pictures = [load(number) for number in range(PICTURES)]
    print(sum(len(picture[::100]) for picture in pictures), "pixels")


container.limit(80)
main()
