"""Which files of a data set hold what: a run has files of its own, or is in one with others.

`memscope fleet DIR compact` writes the runs of a folder into one file for each table, all of one
name (`pack-….parquet`), that of `runs` last, and then takes away the files of their own. At any
moment a run counts once: one that has a file of its own in `runs` is read from its own files, and
what packs have of it is left out; any other is read from the pack that `runs` has.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote

from memscope.errors import MemscopeError
from memscope.plain import dataclass

PACK = "pack-"
RUN_NAME = re.compile(r"[0-9a-f]{16}")
_LOOKS = 5  # at a data set that is being compacted
_BETWEEN_S = 0.2
Folder = tuple[str, str]  # of a service and a day


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files of a table that hold what is asked for; of `packs` runs in `alone` do not count."""

    alone: Sequence[str]
    packs: Sequence[str]


class Listing:
    """The files of `runs` and of `rows`, as they were at one moment."""

    def __init__(self, runs: Iterable[str], rows: Iterable[str]) -> None:
        self._runs = list(runs)
        self._rows = list(rows)
        self.alone = frozenset(name for name in map(stem, self._runs) if not is_pack(name))
        self._packs = frozenset(filter(is_pack, map(stem, self._runs)))

    def without_rows(self) -> str | None:
        """A run that `runs` names and `rows` does not have, such as one that was just packed."""
        there = set(map(stem, self._rows))
        named = {name for name in self.alone if RUN_NAME.fullmatch(name)} | self._packs
        return min(named - there, default=None)

    @property
    def is_packed(self) -> bool:
        return bool(self._packs) or any(map(is_pack, map(stem, self._rows)))

    def runs(self) -> Chosen:
        return _parted(self._runs)

    def rows(self, runs: Collection[str], folders: Collection[Folder]) -> Chosen:
        """Of these runs, which are in these folders."""
        wanted = self.alone.intersection(runs)
        return _parted(
            path
            for path in self._rows
            if folder_of(path) in folders and self._holds(stem(path), wanted)
        )

    def _holds(self, name: str, wanted: Collection[str]) -> bool:
        if is_pack(name):
            return name in self._packs
        # A run without a file in `runs` may be in a pack, or be written just now. Files that are
        # not called as runs are may hold any.
        return name in wanted or not RUN_NAME.fullmatch(name)


def _parted(paths: Iterable[str]) -> Chosen:
    alone: list[str] = []
    packs: list[str] = []
    for path in sorted(paths):
        (packs if is_pack(stem(path)) else alone).append(path)
    return Chosen(alone, packs)


def stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".parquet")


def is_pack(name: str) -> bool:
    return name.startswith(PACK)


def folder_of(path: str) -> Folder:
    """`…/service=web%2F2/day=2026-11-30/….parquet`."""
    service, day = path.split("/")[-3:-1]
    return unquote(service.partition("=")[2]), day.partition("=")[2]


def listed(place: str, paths_of: Callable[[str], Sequence[str]]) -> Listing:
    """Raises MemscopeError where there is no data set, or it changes faster than it is listed."""
    for _ in range(_LOOKS):
        runs = paths_of("runs")  # first: whoever adds a run writes that last
        found = Listing(runs, paths_of("rows"))
        missing = found.without_rows()
        if missing is None or not found.is_packed:
            break
        time.sleep(_BETWEEN_S)
    else:
        remedy = "ask again, unless nobody compacts it"
        raise MemscopeError(f"has no rows of {missing}", place, remedy)
    if not found.runs().alone and not found.runs().packs:
        remedy = "memscope export --format parquet makes one"
        raise MemscopeError("is no data set of runs", place, remedy)
    return found


def paths_here(place: str, table: str) -> list[str]:
    """The files of a table in a folder of this machine."""
    return list(map(str, Path(place, table).glob("*/*/*.parquet")))
