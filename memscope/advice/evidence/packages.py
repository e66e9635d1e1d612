"""What the code of an imported package did for the program once it was imported."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from memscope.analysis.measures import Measures
from memscope.capture.columns import gathered, total

_COMPILED = (".so", ".pyd")
_MOST_FILES = 20_000  # of a package that are looked at


@dataclass(frozen=True, slots=True)
class PackageUse:
    """`blocks` that its code had allocated, of `all_blocks` of the program; imports are no use.

    `seen` says whether that is all that it can have done: no part of it is compiled, which would
    leave no frame on the stacks, and nobody made an object of a class of its own.
    """

    blocks: float
    all_blocks: float
    seen: bool

    @property
    def share(self) -> float:
        return self.blocks / self.all_blocks if self.all_blocks else 0.0


def is_of(file: str, packages: Collection[str]) -> bool:
    """Whether a file is a module of one of these packages."""
    return any(f"/{package}/" in file or file.endswith(f"/{package}.py") for package in packages)


def use_of_packages(measures: Measures, packages: Collection[str], few: float) -> PackageUse:
    """How much these packages did; `few` objects of their classes are those that they hold."""
    stacks, totals = measures.stacks, measures.capture.totals
    within = Within(measures, packages)
    imported = gathered(stacks.importing, measures.row_stacks)
    blocks = all_blocks = made = 0.0
    types = measures.capture.tables.types
    own_types = [of.module.partition(".")[0].lstrip("_") in packages for of in types]
    for row, node in enumerate(measures.row_stacks):
        if imported[row]:
            continue
        all_blocks += totals.allocations[row]
        if own_types[measures.capture.tables.rows.type[row]]:
            made += totals.allocations[row]
        if within.leads_through(node):
            blocks += totals.allocations[row]
    seen = made - blocks <= few and not _is_compiled(measures.capture.tables.codes.file, packages)
    return PackageUse(blocks, all_blocks, seen)


class Within:
    """Which stacks lead through the code of some packages."""

    def __init__(self, measures: Measures, packages: Collection[str]) -> None:
        self._stacks = measures.stacks
        self._packages = packages
        self._known: dict[int, bool] = {0: False}

    def leads_through(self, node: int, until: int = 0) -> bool:
        """Whether a frame of theirs is on a stack, but for what called the node `until`."""
        parents = self._stacks.tables.nodes.parent
        passed = []
        while node not in self._known and node != until:
            if is_of(self._stacks.frame(node).file, self._packages):
                self._known[node] = True
                break
            passed.append(node)
            node = parents[node]
        found = self._known.get(node, False)
        self._known.update(dict.fromkeys(passed, found))
        return found


def held_without(measures: Measures, node: int, others: Collection[str]) -> float:
    """What an import, of which this is the node, holds at the peak, without what others import."""
    stacks, rows = measures.stacks, measures.row_stacks
    own = gathered(stacks.own, rows)
    mine = [row for row, at in enumerate(own) if at == node and stacks.importing[rows[row]]]
    within = Within(measures, others)
    left = array("I", [row for row in mine if not within.leads_through(rows[row], until=node)])
    return total(gathered(measures.capture.totals.peak_bytes, left))


def _is_compiled(files: Iterable[str], packages: Collection[str]) -> bool:
    """Whether a package has compiled modules; True where its files are not here to be asked."""
    folders = {folder for file in files for folder in _folders(file, packages)}
    for folder in folders:
        if not folder.is_dir():
            return True
        found = islice(folder.rglob("*"), _MOST_FILES)
        if any(path.suffix in _COMPILED for path in found):
            return True
    return False


def _folders(file: str, packages: Collection[str]) -> Iterable[Path]:
    for package in packages:
        before, found, _ = file.partition(f"/{package}/")
        if found:
            yield Path(before) / package
