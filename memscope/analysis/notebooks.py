"""The cells of a notebook, each of which the interpreter takes for a file.

/tmp/ipykernel_4711/3058764.py   <ipython-input-3-1a2b3c>   ──►   cell [3]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

# What all cells are when they are counted as one file.
NOTEBOOK = "<notebook>"

_NUMBERED = re.compile(r"(?:.*/|<)ipython-input-(\d+)-[^/]*")
_HASHED = re.compile(
    r".*/(?:ipykernel_\d+/-?\d+|[^/]*marimo[^/]*/__marimo__cell_\w+)\.py|<command-\d+>"
)


@cache
def is_cell(file: str) -> bool:
    return _NUMBERED.fullmatch(file) is not None or _HASHED.fullmatch(file) is not None


class Cells:
    """Names for cells: by the number that the notebook shows, `cell [3]`, where it is known.

    The names of most kernels' files are digests of the source. The kernel knows their numbers, and
    `known` has them if it was asked; the others are told apart by the order in which they first
    allocated, `cell #1`.
    """

    def __init__(self, files: Iterable[str], known: Mapping[str, int]) -> None:
        self._known = known
        hashed = (file for file in files if _HASHED.fullmatch(file) is not None)
        self._place = {
            file: place
            for place, file in enumerate((file for file in hashed if file not in known), 1)
        }

    def label(self, file: str) -> str:
        match = _NUMBERED.fullmatch(file)
        number = self._known.get(file, int(match[1]) if match is not None else 0)
        if number:
            return f"cell [{number}]"
        return f"cell #{self._place.get(file, len(self._place) + 1)}"
