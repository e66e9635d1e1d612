"""Source lines of the sites that a page shows, where the files are at hand."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping

# What a page takes at most. Lines beyond that are as unknown as those of a file that is not there.
MAX_FILE_BYTES = 4 << 20
MAX_FILES = 200
MAX_LINES = 1_500
MAX_LINE_CHARACTERS = 200
AROUND = 2

_SOURCE_SUFFIXES = (".py", ".pyw", ".pyi", ".pyx")


def source_lines(wanted: Iterable[tuple[str, int]]) -> dict[str, Mapping[int, str]]:
    """By path, the wanted lines with `AROUND` more on each side; first come, first served.

    Only regular files that are named like Python source are read: a capture may name anything, and
    a page is passed on.
    """
    lines: dict[str, set[int]] = {}
    count = 0
    for path, line in wanted:
        if path not in lines and len(lines) >= MAX_FILES:
            continue
        around = lines.setdefault(path, set())
        more = set(range(max(line - AROUND, 1), line + AROUND + 1)) - around
        if line <= 0 or count + len(more) > MAX_LINES:
            continue
        around |= more
        count += len(more)
    found = {path: _read(path, numbers) for path, numbers in lines.items() if numbers}
    return {path: texts for path, texts in found.items() if texts}


def _read(path: str, numbers: set[int]) -> Mapping[int, str]:
    if not path.startswith("/") or not path.endswith(_SOURCE_SUFFIXES):
        return {}
    # Opening a pipe or a device may wait or do something; a link may lead to anything.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError):
        return {}
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FILE_BYTES:
            return {}
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            text = stream.read(MAX_FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return {}
    finally:
        os.close(descriptor)
    split = text.split("\n")
    return {
        number: split[number - 1].rstrip()[:MAX_LINE_CHARACTERS]
        for number in sorted(numbers)
        if number <= len(split)
    }
