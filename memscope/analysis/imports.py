"""What the import of each module made and holds: its own, and with all that it imported.

A module's own is what was requested while its body ran, and while it was found and loaded: the
stacks name its file, or lead through the one call that loaded it. Code that runs later, when the
import is over, is nobody's import.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from memscope.analysis.measures import Measures
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.stacks import Stacks
from memscope.capture.columns import gathered, sums_by, total
from memscope.capture.model import NO_PYTHON_FRAME, CodeFrame
from memscope.plain import dataclass

ImportKind = Literal["module", "extension", "loading", "nothing"]
ImportsBy = Literal["live_bytes", "allocated_bytes"]
IMPORTS_BYS: tuple[ImportsBy, ...] = get_args(ImportsBy)

# The call of the machinery that is made once for each module that has to be found and loaded.
_LOADS = "_find_and_load"
_BODY = "<module>"
# They make modules that have no body in Python. Which, no frame says.
_LOADS_EXTENSIONS = frozenset(
    f"{loader}.{step}_module"
    for loader in ("ExtensionFileLoader", "BuiltinImporter")
    for step in ("create", "exec")
)


@dataclass(frozen=True, slots=True)
class Imported:
    """One module's import; `parent` is the row of the module whose import led to it.

    An `extension` has no name, but the place that imported it. `loading` is what it took to load
    several modules that one line imported, which nobody can tell apart; `nothing` where a line
    imported what was not found, or has no code. Bytes: `live` at the end, `allocated` in all.
    """

    number: int
    parent: int | None
    depth: int
    kind: ImportKind
    module: str
    file: str
    imported_from: CodeFrame
    modules_count: int
    live_bytes: float
    own_live_bytes: float
    allocated_bytes: float
    own_allocated_bytes: float

    def of(self, by: ImportsBy) -> float:
        return self.live_bytes if by == "live_bytes" else self.allocated_bytes


@dataclass(frozen=True, slots=True)
class Imports:
    """Rows in the order of a walk from the program, heaviest first; `count` with those left out."""

    by: ImportsBy
    rows: tuple[Imported, ...]
    count: int
    live_bytes: float
    allocated_bytes: float
    program_live_bytes: float
    program_allocated_bytes: float


def find_imports(measures: Measures, *, by: ImportsBy = "live_bytes", limit: int = 0) -> Imports:
    """The imports that weigh most, `limit` of them (0: all), each below what led to it."""
    sorter = _Sorter(measures.stacks)
    of_row = gathered(array("I", sorter.places()), measures.row_stacks)
    columns = {name: measures.counter(name) for name in ("live_bytes", "allocated_bytes")}
    weights = {
        name: _Weights.of(sorter, sums_by(of_row, column, len(sorter.owner)))
        for name, column in columns.items()
    }
    told = [
        number
        for number in range(1, len(sorter.found))
        if weights["allocated_bytes"].all[number] > 0
    ]
    whole = weights[by].all
    # Of equals a parent comes first: what is left out is never above what is shown.
    heaviest = sorted(told, key=lambda number: (-whole[number], number))
    rows = _walk(sorter, heaviest[:limit] if limit else heaviest, weights)
    return Imports(
        by,
        rows,
        len(told),
        weights["live_bytes"].all[0] - weights["live_bytes"].own[0],
        weights["allocated_bytes"].all[0] - weights["allocated_bytes"].own[0],
        total(columns["live_bytes"]),
        total(columns["allocated_bytes"]),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """An import that stacks tell of. The first one is the program, which was not imported."""

    parent: int
    kind: ImportKind
    file: str
    imported_from: CodeFrame
    modules_count: int = 1


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that loads modules: of which module's import it is part, and what it loaded."""

    parent: int
    imported_from: CodeFrame
    loaded: dict[int, None]  # each once, in order


class _Place(NamedTuple):
    """Where a stack is: in a module's body (call 0), or in a call that loads modules."""

    body: int
    call: int
    in_extension: bool


class _Sorter:
    """Says for each stack which place it is at, and for each place whose import it is part of.

    How many modules a call loaded is known when all stacks have been seen: only then has what it
    took to load them an owner.
    """

    def __init__(self, stacks: Stacks) -> None:
        self.stacks = stacks
        self.found = [_Found(0, "module", "", NO_PYTHON_FRAME)]
        self.owner: list[int] = []  # of each place, as a number in `found`
        self._places: dict[_Place, int] = {_Place(0, 0, False): 0}
        self._calls = [_Call(0, NO_PYTHON_FRAME, {})]
        self._importers: dict[int, int] = {}  # of the machinery's stacks
        self._modules: dict[tuple[int, str], int] = {}
        self._numbers: dict[tuple[int, int], int] = {}  # of calls, by parent and stack

    def places(self) -> list[int]:
        """The place of each stack."""
        stacks = self.stacks
        parents = stacks.tables.nodes.parent
        place_of = [0] * len(parents)
        known = [_Place(0, 0, False)]
        for node, importing in enumerate(stacks.importing):
            if not importing:
                continue
            above = place_of[parents[node]]
            place = self._step(node, known[above])
            if place is known[above]:
                place_of[node] = above
                continue
            number = place_of[node] = self._places.setdefault(place, len(known))
            if number == len(known):
                known.append(place)
        self._settle(known)
        return place_of

    def _step(self, node: int, above: _Place) -> _Place:
        """The place of a stack, by that of its caller."""
        stacks = self.stacks
        codes = stacks.tables.codes
        code = stacks.tables.nodes.code[node]
        function = codes.function[code]
        if function == _BODY and above.call:
            return _Place(self._module(above.call, codes.file[code]), 0, False)
        if not stacks.import_codes[code]:
            return above
        if function == _LOADS:
            parent = self._calls[above.call].parent if above.call else above.body
            return _Place(0, self._call(parent, node), False)
        if above.call and not above.in_extension and function in _LOADS_EXTENSIONS:
            return above._replace(in_extension=True)
        return above

    def _module(self, call: int, file: str) -> int:
        of = self._calls[call]
        number = self._modules.setdefault((of.parent, file), len(self.found))
        if number == len(self.found):
            self.found.append(_Found(of.parent, "module", file, of.imported_from))
        of.loaded[number] = None
        return number

    def _call(self, parent: int, node: int) -> int:
        # By the line that imports: the call itself stands at one line after the other.
        key = parent, self.stacks.merged[self.stacks.tables.nodes.parent[node]]
        number = self._numbers.setdefault(key, len(self._calls))
        if number == len(self._calls):
            self._calls.append(_Call(parent, self._importer(node), {}))
        return number

    def _importer(self, node: int) -> CodeFrame:
        """The line that imported, outside of the machinery."""
        nodes, walked = self.stacks.tables.nodes, []
        node = nodes.parent[node]
        while node not in self._importers and self._is_machinery(node):
            walked.append(node)
            node = nodes.parent[node]
        node = self._importers.get(node, node)
        self._importers |= dict.fromkeys(walked, node)  # no stack is walked twice
        return self.stacks.frame(node)

    def _is_machinery(self, node: int) -> bool:
        code = self.stacks.tables.nodes.code[node]
        function = self.stacks.tables.codes.function[code]
        return node != 0 and (bool(self.stacks.import_codes[code]) or function == "import_module")

    def _settle(self, known: list[_Place]) -> None:
        """Gives each place its owner."""
        extensions = {place.call for place in known if place.in_extension}
        extension_of = {call: self._add(call, "extension") for call in sorted(extensions)}
        loading_of = [0] * len(self._calls)
        for number, call in enumerate(self._calls[1:], 1):
            loaded = [*call.loaded, *([extension_of[number]] if number in extension_of else [])]
            if len(loaded) == 1:
                loading_of[number] = loaded[0]
            else:
                kind: ImportKind = "loading" if loaded else "nothing"
                loading_of[number] = self._add(number, kind, len(loaded))
        self.owner = [
            extension_of[place.call] if place.in_extension
            else loading_of[place.call] if place.call
            else place.body
            for place in known
        ]  # fmt: skip

    def _add(self, call: int, kind: ImportKind, modules_count: int = 1) -> int:
        of = self._calls[call]
        self.found.append(_Found(of.parent, kind, "", of.imported_from, modules_count))
        return len(self.found) - 1


@dataclass(frozen=True, slots=True)
class _Weights:
    """Of each of `found`: its own, and with all that it imported."""

    own: list[float]
    all: list[float]

    @classmethod
    def of(cls, sorter: _Sorter, by_place: Sequence[float]) -> _Weights:
        own = [0.0] * len(sorter.found)
        for place, value in enumerate(by_place):
            own[sorter.owner[place]] += value
        everything = list(own)
        for number in reversed(range(1, len(own))):  # a parent's number is the smaller one
            everything[sorter.found[number].parent] += everything[number]
        return cls(own, everything)


def _walk(
    sorter: _Sorter, heaviest: Sequence[int], weights: Mapping[str, _Weights]
) -> tuple[Imported, ...]:
    live, made = weights["live_bytes"], weights["allocated_bytes"]
    below: dict[int, list[int]] = {}
    for number in heaviest:
        below.setdefault(sorter.found[number].parent, []).append(number)
    pending: list[tuple[int, int | None, int]] = []
    pending += [(number, None, 0) for number in reversed(below.get(0, []))]
    rows: list[Imported] = []
    while pending:
        number, parent, depth = pending.pop()
        of = sorter.found[number]
        rows.append(
            Imported(
                len(rows), parent, depth, of.kind,
                module_name(of.file, sorter.stacks.origins) if of.file else "", of.file,
                of.imported_from, of.modules_count,
                live.all[number], live.own[number], made.all[number], made.own[number],
            )
        )  # fmt: skip
        here = len(rows) - 1
        pending += [(child, here, depth + 1) for child in reversed(below.get(number, []))]
    return tuple(rows)


def module_name(file: str, origins: Origins) -> str:
    """`shop.models` of `shop/models.py`; a file that no name leads to is called as it is."""
    here = origins.beside_main(file) if origins.of(file) is Origin.OWN else ""
    path = here or origins.short(file)
    if path.startswith("/"):
        return path
    path = path.removesuffix(".pyc").removesuffix(".py").removesuffix("/__init__")
    return path.replace("/", ".")
