"""Whole columns of numbers at a time: a capture has millions of rows, too many for objects each.

A column is an `array` of the narrowest type that holds its values, or bytes. What loops over one is
in C, in an extension that knows nothing of recording.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from memscope.capture import _columns

Numbers = Sequence[float]


class WholeUnit(int):
    """What figures are stored times that are whole numbers all the same: nothing was sampled."""


_BY_WIDTH = "BHIiQqd"
_TYPECODES = "BHIQ"  # each twice as wide as the one before
_PART = 1 << 16  # values of a column that are worked on at a time, where what comes out is narrower


def zeros(typecode: str, count: int) -> array[int]:
    return array(typecode, (0,)) * count


def typecode_of(column: Numbers) -> str:
    return column.typecode if isinstance(column, array) else "B"


def typecode_for(largest: int) -> str:
    """The narrowest type that holds a number."""
    return next(code for code in _TYPECODES if largest < 1 << 8 * array(code).itemsize)


def _wider_type(left: Numbers, right: Numbers) -> str:
    """The type that holds the values of both."""
    return max(typecode_of(left), typecode_of(right), key=_BY_WIDTH.index)


def _sum_type(*columns: Numbers) -> str:
    """What sums of these columns are: doubles in a sampled capture, else whole numbers."""
    return "d" if any(typecode_of(column) == "d" for column in columns) else "q"


def _are_zeros(pieces: Iterable[Sequence[int]]) -> bool:
    """Whether all were read as columns of zeros."""
    return all(isinstance(piece, bytes) for piece in pieces)


def joined(pieces: Sequence[Sequence[Any]], length: int | None = None) -> Sequence[Any]:
    """One column of several that follow one another, cut to `length`."""
    if _are_zeros(pieces):
        count = sum(map(len, pieces))
        return nothing(count if length is None else min(count, length))
    if len(pieces) == 1:
        return pieces[0] if length is None or len(pieces[0]) <= length else pieces[0][:length]
    widest = max(map(typecode_of, pieces), key=_BY_WIDTH.index, default="B")
    count = sum(map(len, pieces))
    whole = zeros(widest, count)
    place = 0
    for piece in pieces:
        _columns.copy(whole, piece, place)
        place += len(piece)
    return whole if length is None or count <= length else whole[:length]


def as_type(typecode: str, column: Numbers) -> array[int]:
    """A copy of another type, which holds the values."""
    out = zeros(typecode, len(column))
    _columns.copy(out, column, 0)
    return out


def extend(whole: array[int], piece: Numbers) -> None:
    """Adds a column at the end of one whose type holds its values."""
    whole.extend(as_type(whole.typecode, piece))


@lru_cache(2)
def nothing(count: int) -> bytes:
    """A column of zeros, which all that are as long share."""
    return bytes(count)


def narrowed(column: array[int]) -> Numbers:
    """The same values in the narrowest type; as they are if some are negative or no integers."""
    if column.typecode != "q":
        return column
    most = _columns.largest(column)  # above 2^63 if any is negative
    return as_type(typecode_for(most), column) if most < 1 << 32 else column


def flags(values: Iterable[object]) -> bytes:
    """1 where a value is true."""
    return bytes(map(bool, values))


def inverted(flags: Sequence[int]) -> Sequence[int]:
    """0 where a flag is set, 1 elsewhere."""
    count = len(flags)
    return chosen(flags, nothing(count), b"\1" * count)


def counted(count: int) -> array[int]:
    """0, 1, 2 … up to below `count`."""
    out = zeros("I", count)
    _columns.accumulate(out, b"\1" * count, -1)
    return out


def unzigzag(column: Sequence[int]) -> array[int]:
    """The signed values of a column that is zigzag encoded."""
    out = zeros("q", len(column))
    _columns.unzigzag(out, column)
    return out


def accumulated(gaps: Sequence[int], start: int = 0) -> array[int]:
    """Each value with all before it, and `start`, added."""
    out = zeros("q", len(gaps))
    _columns.accumulate(out, gaps, start)
    return out


def scaled(column: Numbers, divisor: int) -> Numbers:
    if divisor == 1:
        return column
    if isinstance(divisor, WholeUnit):
        return narrowed(array("q", [int(value) // divisor for value in column]))
    out = array("d", bytes(8 * len(column)))
    _columns.scale(out, column, divisor)
    return out


def balanced(more: Numbers, less: Numbers, taken: Numbers, given: Numbers) -> Sequence[Any]:
    """`more - less + taken - given`, value by value; whole numbers in the narrowest type."""
    columns, count = (more, less, taken, given), len(more)
    typecode, parts = _sum_type(*columns), []
    for begin in range(0, count, _PART):
        # Eight bytes for each value at once would be more than most columns take.
        part = [column[begin : begin + _PART] for column in columns]
        out = zeros(typecode, len(part[0]))
        _columns.balance(out, *part)
        parts.append(narrowed(out))
    return joined(parts) if parts else zeros(typecode, 0)


def difference(more: Numbers, less: Numbers) -> Sequence[Any]:
    """`more - less`, value by value."""
    none = nothing(len(more))
    return balanced(more, less, none, none)


def added(left: Numbers, right: Numbers) -> Sequence[Any]:
    """`left + right`, value by value."""
    none = nothing(len(left))
    return balanced(left, none, right, none)


def chosen(flags: Sequence[int], yes: Numbers, no: Numbers) -> array[int]:
    """The values of one column where the flag is set, and of the other elsewhere."""
    out = zeros(_wider_type(yes, no), len(flags))
    _columns.choose(out, flags, yes, no)
    return out


def only_where(column: Numbers, flags: Sequence[int]) -> array[int]:
    """The values where the flag is set, and 0 elsewhere."""
    return chosen(flags, column, bytes(len(column)))


def gathered(table: Numbers, index: Sequence[int]) -> array[int]:
    """`table[i]` for each i of the index; where that is -1, it is -1."""
    out = zeros(typecode_of(table), len(index))
    _columns.gather(out, table, index)
    return out


def scatter(out: array[int], index: Sequence[int], column: Sequence[int]) -> None:
    """Puts values, which the type of `out` holds, at the places of an index."""
    _columns.scatter(out, index, column)


def mark_at_least(flags: bytearray, column: Numbers, least: float) -> None:
    """Sets the flags of the values that are at least so much; the others stay as they are."""
    _columns.mark_at_least(flags, column, least)


def packed(left: Sequence[int], right: Sequence[int], bits: int) -> array[int]:
    """Each value with that of another column, of so many bits, below it."""
    out = zeros("q", len(left))
    _columns.pack(out, left, right, bits)
    return out


def largest(column: Sequence[int]) -> int:
    """The largest value of a column that has no negative ones; 0 if it has none at all."""
    return _columns.largest(column)


def total(column: Numbers) -> float:
    return _columns.total(column)


def sums_by(index: Sequence[int], column: Numbers, count: int) -> array[int]:
    """For each of `count` groups the sum of its values; an index of -1 is no group."""
    sums = zeros(_sum_type(column), count)
    _columns.sum_by(sums, index, column)
    return sums


def with_added(sums: array[int], index: Sequence[int], column: Numbers) -> array[int]:
    """The sums of groups with more values added to them; in place where their type allows it."""
    if typecode_of(sums) != _sum_type(sums, column):
        sums = as_type("d", sums)
    _columns.sum_by(sums, index, column)
    return sums


def keep_below(index: array[int], column: Sequence[int], limit: int) -> None:
    """Makes those entries of an index -1 whose value in the column is not below a limit."""
    _columns.keep_below(index, column, limit)


def numbered(*keys: Sequence[int]) -> tuple[array[int], array[int]]:
    """For each entry the number of its key, up to three columns; and each key's first entry.

    Keys are numbered from 0, that of the last entry first: of equals, what came late comes first.
    """
    groups = zeros("i", len(keys[0]))
    return groups, _places(_columns.number(groups, *keys))


def in_order(first: Sequence[int]) -> array[int]:
    """The groups that `numbered` made, in the order of their first entries."""
    return array("I", sorted(range(len(first)), key=first.__getitem__))


def sums_of_keys(keys: tuple[Sequence[int], ...], *columns: Numbers) -> Iterator[tuple[Any, ...]]:
    """Each key with the sums of its columns, in the order of first entries."""
    groups, first = numbered(*keys)
    sums = [sums_by(groups, column, len(first)) for column in columns]
    for group in in_order(first):
        key = tuple(column[first[group]] for column in keys)
        yield key, *(column[group] for column in sums)


def entries_by_value(column: Sequence[int]) -> Iterator[tuple[int, array[int]]]:
    """Each value of a column with the entries that have it, in the order of first entries."""
    groups, first = numbered(column)
    places, ends = by_group(groups, len(first))
    for group in in_order(first):
        yield column[first[group]], places[ends[group - 1] if group else 0 : ends[group]]


def first_entries(index: Sequence[int], count: int) -> array[int]:
    """The first entry of each of `count` groups that has any, in their order."""
    places, first = counted(len(index)), zeros("I", count)
    scatter(first, index[::-1], places[::-1])
    return members(b"\0\1", inverted(difference(places, gathered(first, index))))


def members(flags: Sequence[int], index: Sequence[int]) -> array[int]:
    """The entries whose group has a flag, in order."""
    return _places(_columns.members(flags, index))


def places_of(column: Sequence[int]) -> array[int]:
    """The places where a column is not 0, in order."""
    return members(b"\0\1", only_where(b"\1" * len(column), column))


def by_group(index: Sequence[int], count: int) -> tuple[array[int], array[int]]:
    """The entries sorted by their group, of `count`, and where in that order each group ends."""
    places, ends = zeros("I", len(index)), zeros("I", count)
    _columns.by_group(places, ends, index)
    return places, ends


def heaviest_of(index: Sequence[int], column: Numbers, count: int) -> array[int]:
    """For each of `count` groups, none of them empty, the first entry of its largest value."""
    places = zeros("I", count)
    _columns.heaviest_of(places, index, column)
    return places


def heaviest(column: Numbers, count: int) -> array[int]:
    """The places of the largest values, largest first, and of equal ones the first first."""
    return _places(_columns.heaviest(column, count))


def _places(stored: bytes) -> array[int]:
    places = array("I")
    places.frombytes(stored)
    return places


def parents(gaps: Sequence[int], first: int) -> array[int]:
    """Parents from how far before its own node, of which `first` is the first, each one is."""
    out = zeros("I", len(gaps))
    _columns.parents(out, gaps, first)
    return out


def nearest(parent: Sequence[int], mark: Sequence[int]) -> array[int]:
    """For each node the nearest one, itself or above, that has a mark; 0 if there is none."""
    out = zeros("I", len(parent))
    _columns.nearest(out, parent, mark)
    return out


def nearest_of(
    nodes: Sequence[int],
    parent: Sequence[int],
    own: Sequence[int],
    keys: Sequence[int],
    key: int,
) -> array[int]:
    """For each of some nodes the nearest one, itself or above, of this key and of own code; or 0.

    `own` has for each node of the tree the nearest one of own code. What does not lead up from the
    nodes is not looked at.
    """
    out = zeros("I", len(nodes))
    _columns.nearest_of(out, nodes, parent, own, keys, key)
    return out


def depths(parent: Sequence[int], mark: Sequence[int]) -> array[int]:
    """For each node how many in a row have a mark, from itself upwards."""
    out = zeros("I", len(parent))
    _columns.depth(out, parent, mark)
    return out


def outermost(parent: Sequence[int], key: Sequence[int]) -> bytearray:
    """Flags the nodes above which no other has their key; a key is below the count of nodes."""
    flags = bytearray(len(parent))
    _columns.outermost(flags, parent, key)
    return flags


def risen(values: Numbers, parent: Sequence[int]) -> array[int]:
    """For each node the sum of its subtree."""
    sums = as_type(_sum_type(values), values)
    _columns.rise(sums, parent)
    return sums


def merged(parent: Sequence[int], code: Sequence[int], line: Sequence[int]) -> array[int]:
    """For each node the first one that is the same way from the root; 0 of those without code."""
    out = zeros("I", len(parent))
    _columns.merge(out, parent, code, line)
    return out


_Texts = list[bytes] | tuple[()] | bytes | None
Part = tuple[_Texts, Sequence[int] | None]
StackPart = tuple[_Texts, Sequence[int], tuple[Sequence[int], Sequence[int], bytes]]
_MOST_BYTES = 1 << 18


def encoded(texts: Iterable[str]) -> list[bytes]:
    return [text.encode("utf-8", "backslashreplace") for text in texts]


def same(text: str) -> Part:
    """A text that is in all lines."""
    return encoded([text]), None


def one_of(texts: list[bytes], column: Sequence[int]) -> Part:
    """A text, already encoded, by its number."""
    return texts, column


def number(column: Sequence[int]) -> Part:
    return None, column


def number_or_nothing(column: Sequence[int]) -> Part:
    """A number, but nothing where it is -1."""
    return (), column


def varint(column: Sequence[int]) -> Part:
    """A number in protocol buffers' wire format."""
    return b"", column


def stack(
    texts: list[bytes] | None,
    column: Sequence[int],
    parent: Sequence[int],
    frame: Sequence[int],
    between: bytes,
) -> StackPart:
    """The frames of the stacks of some nodes, outermost first: texts, or the numbers themselves.

    `frame` has the number of each node's frame; 0: it has none. A stack of none has the frame 0.
    """
    return texts, column, (parent, frame, between)


def lines(parts: Iterable[Part | StackPart], count: int) -> Iterator[bytes]:
    """`count` lines of these parts, some at a time."""
    parts, place = tuple(parts), 0
    while place < count:
        written, place = _columns.lines(parts, place, count, _MOST_BYTES)
        yield written


def messages(field: int, parts: Iterable[Part | StackPart], count: int) -> Iterator[bytes]:
    """`count` messages of these parts, some at a time, in a repeated field of protocol buffers."""
    parts, place = tuple(parts), 0
    while place < count:
        written, place = _columns.lines(parts, place, count, _MOST_BYTES, field << 3 | 2)
        yield written


def samples(
    path: tuple[Part, Part, Part], values: Iterable[Part], labels: Iterable[Part], count: int
) -> Iterator[bytes]:
    """The samples of a pprof profile, of `count` rows, some at a time.

    path: numbers of each node's parent and frame (0: it has none), and of each row's stack.
    """
    values, labels, place = tuple(values), tuple(labels), 0
    while place < count:
        written, place = _columns.samples(path, values, labels, place, count, _MOST_BYTES)
        yield written
