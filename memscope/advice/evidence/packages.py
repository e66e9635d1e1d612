"""What the code of an imported package did for the program once it was imported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path

from memscope.analysis.measures import Measures
from memscope.capture.columns import flags, gathered, inverted, nearest, only_where, total
from memscope.plain import dataclass

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
    tables, rows = measures.capture.tables, measures.row_stacks
    allocations = only_where(
        measures.capture.totals.allocations,
        inverted(gathered(measures.stacks.importing, rows)),
    )
    of_theirs = flags(of.module.partition(".")[0].lstrip("_") in packages for of in tables.types)
    made = total(only_where(allocations, gathered(of_theirs, tables.rows.type)))
    blocks = total(only_where(allocations, gathered(_innermost(measures, packages), rows)))
    seen = made - blocks <= few and not _is_compiled(tables.codes.file, packages)
    return PackageUse(blocks, total(allocations), seen)


def _innermost(measures: Measures, packages: Collection[str]) -> Sequence[int]:
    """For each node the innermost one of these packages' code on its stack; 0: there is none."""
    nodes = measures.capture.tables.nodes
    theirs = flags(is_of(file, packages) for file in measures.capture.tables.codes.file)
    return nearest(nodes.parent, gathered(theirs, nodes.code))


def held_without(measures: Measures, node: int, others: Collection[str]) -> float:
    """What an import, of which this is the node, holds at the peak, without what others import."""
    stacks, rows = measures.stacks, measures.row_stacks
    own, theirs = gathered(stacks.own, rows), gathered(_innermost(measures, others), rows)
    importing, peak = stacks.importing, measures.capture.totals.peak_bytes
    return sum(
        peak[row]
        for row, at in enumerate(own)
        # Nodes come after their parents: below this one are those with a higher number.
        if at == node and importing[rows[row]] and theirs[row] <= node
    )


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
