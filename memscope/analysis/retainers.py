"""The heaviest holders: what keeps the most alive, by type and by the line that made it.

A row is a name in a module, a variable of a running function, what only C holds. From there one
goes down as long as a single object below retains nearly all: `cache` of a module, its `_entries`,
and no further where these are many. So rows are apart from each other, and each has at least four
fifths of what its name retains. A chain is held by its first link.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from heapq import nlargest

from memscope.analysis.measures import Measures
from memscope.analysis.objectgraph import NONE, ObjectGraph, places_of
from memscope.analysis.origins import Origin
from memscope.analysis.types import type_name
from memscope.analysis.ways import Namer, Root, RootPath
from memscope.capture import Capture
from memscope.capture.columns import gathered, inverted, members, numbered, only_where, sums_by
from memscope.capture.model import CodeFrame
from memscope.capture.snapshots import KIND_BITS, Kind, Seen, Snapshot, SnapshotMoment
from memscope.errors import MemscopeError
from memscope.plain import dataclass

_NEARLY_ALL = 0.8
_CHAIN = 4  # objects of one type below one another
_MOST_SHARES = 8  # types and lines that are told of a holder


@dataclass(frozen=True, slots=True)
class TypeShare:
    """What the objects of one type come to."""

    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class LineShare:
    """What the objects that one line made come to; None: no line is known."""

    line: CodeFrame | None
    origin: Origin
    bytes: int


@dataclass(frozen=True, slots=True)
class RetainerFigures:
    """One holder, by the number of its object, and what would go if it went."""

    number: int
    way: RootPath
    type: str
    retained_bytes: int
    retained_objects: int
    own_bytes: int
    share: float
    types: tuple[TypeShare, ...]
    lines: tuple[LineShare, ...]


@dataclass(frozen=True, slots=True)
class Retainers:
    """The heaviest holders first; bytes are those of objects, with what only they hold."""

    snapshot: Snapshot
    total_bytes: int
    rows: tuple[RetainerFigures, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Objects that are reached alike."""

    way: RootPath
    objects: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Why:
    """What keeps objects of one type or line alive."""

    snapshot: Snapshot
    what: str
    objects: int
    bytes: int
    paths: tuple[Kept, ...]
    count: int


class Holdings:
    """One of a capture's snapshots, and what is asked of it."""

    def __init__(self, measures: Measures, number: int | None = None) -> None:
        """number: of the snapshot, from 1; None: the last one that was taken."""
        self.measures = measures
        capture = measures.capture
        self.moment = _moment_of(capture, number)
        snapshot = capture.snapshot_at(self.moment)
        if snapshot is None:
            raise MemscopeError("has a snapshot of its objects that is damaged", capture.path)
        self.snapshot = snapshot
        self.graph = ObjectGraph(snapshot)
        self.types = capture.tables.types
        self.namer = Namer(self.graph, self.types)

    # ---- which rows ----

    @cached_property
    def _module_dicts(self) -> set[int]:
        """Dictionaries of modules."""
        snapshot = self.snapshot
        fields = {
            number << KIND_BITS | Kind.FIELD
            for number, name in enumerate(snapshot.names)
            if name == "__dict__"
        }
        found = set()
        for number in places_of(self.graph.by_flags(lambda flag: flag & Seen.MODULE != 0)):
            for place in range(snapshot.starts[number], snapshot.starts[number + 1]):
                if snapshot.labels[place] in fields:
                    found.add(snapshot.targets[place])
        return found

    @cached_property
    def _open(self) -> bytes:
        """For each object whether it is no holder by itself: what it holds are the holders."""
        kinds = Seen.ROOT | Seen.MODULE | Seen.MODULES
        is_open = bytearray(self.graph.by_flags(lambda flag: flag & kinds != 0))
        for number in self._module_dicts:
            is_open[number] = 1
        is_open[0] = 1
        return bytes(is_open)

    @cached_property
    def tops(self) -> list[int]:
        """The objects that holders are, in no order."""
        is_open = self._open
        below = only_where(gathered(is_open, self.graph.dominators), inverted(is_open))
        return [self._settled(number) for number in members(b"\0\1", below)]

    def _settled(self, number: int) -> int:
        """Down to where no single object retains nearly all; of a chain the first link."""
        retained, heaviest = self.graph.retained_bytes, self.graph.heaviest_below
        type_of = self.snapshot.type
        least = _NEARLY_ALL * retained[number]
        links: dict[int, list[int]] = {type_of[number]: [number]}
        while (below := heaviest[number]) != NONE and retained[below] >= least:
            number = below
            alike = links.setdefault(type_of[number], [])
            alike.append(number)
            if len(alike) == _CHAIN:
                return alike[0]
        return number

    def retainers(self, limit: int) -> Retainers:
        graph = self.graph
        retained, objects = graph.retained_bytes, graph.retained_objects
        shown = nlargest(limit or len(self.tops), self.tops, key=lambda at: (retained[at], -at))
        total = retained[0]
        of_types, of_lines = self._types_of(shown), self._lines_of(shown)
        rows = tuple(
            RetainerFigures(
                number=number,
                way=self.namer.way_to(number),
                type=self.namer.type_of(number),
                retained_bytes=retained[number],
                retained_objects=objects[number],
                own_bytes=self.snapshot.size_bytes[number],
                share=retained[number] / total if total else 0.0,
                types=of_types.get(number, ()),
                lines=of_lines.get(number, ()),
            )
            for number in shown
        )
        return Retainers(self.snapshot, total, rows, len(self.tops))

    # ---- what they hold ----

    def _by(self, shown: Iterable[int], key: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
        """For each of these holders the keys of what it retains, with their bytes."""
        marked = bytearray(self.graph.count)
        for number in shown:
            marked[number] = 1
        holder = self.graph.below(bytes(marked))
        groups, first = numbered(holder, key)
        sums = sums_by(groups, self.snapshot.size_bytes, len(first))
        found: dict[int, list[tuple[int, int]]] = {}
        for group, place in enumerate(first):
            if holder[place]:
                found.setdefault(holder[place], []).append((key[place], sums[group]))
        return found

    def _whole(self, held: Iterable[int], key: Sequence[int]) -> dict[int, dict[int, int]]:
        """The same where one may be below another: what is below counts for both."""
        apart = {number: dict(shares) for number, shares in self._by(held, key).items()}
        found = {number: dict(shares) for number, shares in apart.items()}
        dominators = self.graph.dominators
        for number, shares in apart.items():
            above = dominators[number]
            while above:
                if above in found:
                    sums = found[above]
                    for of, many in shares.items():
                        sums[of] = sums.get(of, 0) + many
                above = dominators[above]
        return found

    def bytes_by_type(self, held: Iterable[int]) -> dict[int, dict[str, int]]:
        """For each of these objects the types of what it retains."""
        found: dict[int, dict[str, int]] = {}
        for number, shares in self._whole(held, self.snapshot.type).items():
            by_name = found.setdefault(number, {})
            for of, many in shares.items():
                name = type_name(self.types[of])
                by_name[name] = by_name.get(name, 0) + many
        return found

    def bytes_by_line(self, held: Iterable[int]) -> dict[int, dict[int, int]]:
        """For each of these objects the lines, as nodes, that made what it retains; 0: unknown."""
        return self._whole(held, self.line_nodes)

    def line_share(self, node: int, size_bytes: int) -> LineShare:
        stacks = self.measures.stacks
        return LineShare(stacks.frame(node) if node else None, stacks.origin(node), size_bytes)

    def _types_of(self, shown: Iterable[int]) -> dict[int, tuple[TypeShare, ...]]:
        found = {}
        for number, shares in self._by(shown, self.snapshot.type).items():
            by_name: dict[str, int] = {}
            for of, many in shares:
                name = type_name(self.types[of])
                by_name[name] = by_name.get(name, 0) + many
            heaviest = nlargest(_MOST_SHARES, by_name.items(), key=lambda item: item[1])
            found[number] = tuple(TypeShare(name, many) for name, many in heaviest)
        return found

    @cached_property
    def line_nodes(self) -> Sequence[int]:
        """For each object a node that stands for the line that made it; 0: not known."""
        sites = array("I", [0]) + array("I", self.measures.sites)
        return gathered(sites, self.snapshot.row)

    def _lines_of(self, shown: Iterable[int]) -> dict[int, tuple[LineShare, ...]]:
        found = {}
        for number, shares in self._by(shown, self.line_nodes).items():
            heaviest = nlargest(_MOST_SHARES, shares, key=lambda share: share[1])
            found[number] = tuple(self.line_share(node, many) for node, many in heaviest)
        return found

    # ---- why ----

    def why(self, what: str, limit: int) -> Why:
        """What keeps the objects alive that are of this type, or that this line made."""
        wanted = self._wanted(what)
        groups: dict[RootPath, list[int]] = {}
        for number in wanted:
            group = groups.setdefault(self.namer.pattern_of(number), [0, 0])
            group[0] += 1
            group[1] += self.snapshot.size_bytes[number]
        heaviest = nlargest(limit or len(groups), groups.items(), key=lambda item: item[1][1])
        return Why(
            snapshot=self.snapshot,
            what=what,
            objects=len(wanted),
            bytes=sum(group[1] for group in groups.values()),
            paths=tuple(Kept(way, many, size) for way, (many, size) in heaviest),
            count=len(groups),
        )

    def _wanted(self, what: str) -> list[int]:
        place = re.fullmatch(r"(.+):(\d+)", what)
        if place is not None:
            file, line = place[1], int(place[2])
            stacks = self.measures.stacks
            nodes = {
                node
                for node in set(self.line_nodes) - {0}
                if (frame := stacks.frame(node)).line == line
                and (frame.file == file or frame.file.endswith(f"/{file}"))
            }
            found = [number for number, node in enumerate(self.line_nodes) if node in nodes]
        else:
            types = {
                number
                for number, of in enumerate(self.types)
                if of.kind == "object" and what in (of.name, type_name(of))
            }
            snapshot = self.snapshot
            roots = snapshot.roots
            found = [at for at, of in enumerate(snapshot.type) if of in types and at > roots]
        if not found:
            raise MemscopeError(
                f"holds no object of {what!r}",
                self.measures.capture.path,
                "name a type, such as dict or shop.Order, or a line, such as shop.py:12",
            )
        return found


def _moment_of(capture: Capture, number: int | None) -> SnapshotMoment:
    moments = capture.moments
    if not moments:
        raise MemscopeError("has no snapshot of its objects", capture.path, _remedy(capture))
    if number is None:
        found = [moment for moment in moments if not moment.why] or list(moments)
        moment = found[-1]
    elif 0 < number <= len(moments):
        moment = moments[number - 1]
    else:
        raise MemscopeError(
            f"has no snapshot {number}", capture.path, f"it has {len(moments)}, counted from 1"
        )
    if moment.why:
        which = "snapshot of its objects" if number is None else f"snapshot {number}"
        raise MemscopeError(f"has no {which}: {moment.why}", capture.path)
    return moment


def _remedy(capture: Capture) -> str:
    """How such a recording comes to a snapshot."""
    asked = "memscope snapshot --heap PID takes one"
    end = capture.end
    if end is not None and end.is_interim:
        return asked
    # --snapshot takes one at the end, and there was none in the program.
    if end is None or (capture.exit is not None and capture.exit.signal is not None):
        return f"the program was cut off before its end; {asked} while it runs"
    if capture.meta.objects and end.objects and end.objects.types_of_live == "not asked":
        return (
            "it ended unasked, as by os._exit; --snapshot takes some at peaks, and"
            " recording.snapshot() one at any time"
        )
    return "record with --snapshot"


def root_text(root: Root) -> str:
    """As people say it."""
    texts = {
        "module": f"module {root.name}",
        "local": f"variable of {root.name}(), which runs",
        "thread": root.name,
        "interpreter": "the interpreter",
        "atexit": "atexit",
        "c": "held by C",
        "immortal": "never dies",
        "garbage": "a cycle that is not collected yet",
        "none": "a root",
    }
    return texts[root.kind]
