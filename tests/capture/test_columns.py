"""Whole columns against the same in plain Python."""

from __future__ import annotations

from array import array
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memscope.capture import columns

SMALL = st.lists(st.integers(0, 255), max_size=40)
KEYS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1 << 40)), max_size=60)


@st.composite
def trees(draw: st.DrawFn) -> tuple[array[int], array[int], array[int]]:
    """Parents, codes (0: a root) and lines of a few nodes, the first of which is nothing."""
    parent, code, line = array("I", [0]), array("I", [0]), array("Q", [0])
    for node in range(1, draw(st.integers(1, 40))):
        root = draw(st.booleans()) and draw(st.booleans())
        parent.append(0 if root else draw(st.integers(0, node - 1)))
        code.append(0 if root else draw(st.integers(1, 3)))
        line.append(draw(st.integers(0, 2)))
    return parent, code, line


@given(SMALL, SMALL)
def test_sums_by_group_leave_out_what_is_in_none(values: list[int], groups: list[int]) -> None:
    index = [group % 5 - 1 for group in groups[: len(values)]]
    values = values[: len(index)]
    sums = [sum(v for v, i in zip(values, index, strict=True) if i == group) for group in range(4)]
    assert list(columns.sums_by(array("i", index), bytes(values), 4)) == sums
    real = columns.sums_by(array("i", index), array("d", [v / 2 for v in values]), 4)
    assert list(real) == [total / 2 for total in sums]


@given(KEYS)
def test_groups_are_numbered_from_the_last_entry_on(keys: list[tuple[int, int]]) -> None:
    left, right = array("B", [key[0] for key in keys]), array("Q", [key[1] for key in keys])
    groups, first = columns.numbered(left, right)
    order = list(dict.fromkeys(reversed(keys)))
    assert list(groups) == [order.index(key) for key in keys]
    assert list(first) == [keys.index(key) for key in order]


def test_many_groups_are_told_apart() -> None:
    keys = array("I", [number * 7 % 100_000 for number in range(200_000)])
    groups, first = columns.numbered(keys)
    assert len(first) == 100_000
    assert all(keys[first[group]] == key for group, key in zip(groups, keys, strict=True))


@given(st.lists(st.integers(-5, 5), max_size=40), st.integers(0, 50))
def test_the_heaviest_come_first_and_of_equals_the_first(values: list[int], count: int) -> None:
    order = sorted(range(len(values)), key=lambda place: (-values[place], place))
    assert list(columns.heaviest(array("q", values), count)) == order[:count]
    assert list(columns.heaviest(array("d", values), count)) == order[:count]


@given(trees())
def test_trees_are_walked_from_the_root(tree: tuple[array[int], array[int], array[int]]) -> None:
    parent, code, line = tree
    paths: list[tuple[tuple[int, int], ...]] = []
    for node, above in enumerate(parent):
        step = ((code[node], line[node]),)
        paths.append(paths[above] + step if code[node] else ())
    first = [paths.index(path) if path else 0 for path in paths]
    assert list(columns.merged(parent, code, line)) == first
    assert list(columns.depths(parent, code)) == list(map(len, paths))
    marked = [number == 2 for number in code]
    nearest: list[int] = []
    for node, above in enumerate(parent):
        nearest.append(node if marked[node] else nearest[above] if node else 0)
    assert list(columns.nearest(parent, bytes(marked))) == nearest
    own = columns.nearest(parent, bytes(marked))
    wanted: list[int] = []
    for node, above in enumerate(parent):
        wanted.append(node if marked[node] and line[node] == 1 else wanted[above] if node else 0)
    every = columns.counted(len(parent))
    assert list(columns.nearest_of(every, parent, own, line, 1)) == wanted
    assert list(columns.nearest_of(every[::-1], parent, own, line, 1)) == wanted[::-1]
    above: list[frozenset[int]] = []
    for node, caller in enumerate(parent):
        above.append(above[caller] | {line[caller]} if node else frozenset())
    outermost = [key not in keys for key, keys in zip(line, above, strict=True)]
    if max(line) < len(line):
        assert list(columns.outermost(parent, line)) == outermost
    sums = list(range(len(parent)))
    for node in range(len(parent) - 1, 0, -1):
        sums[parent[node]] += sums[node]
    assert list(columns.risen(columns.counted(len(parent)), parent)) == sums


@pytest.mark.parametrize("letter", "BHIiQqd")
def test_long_columns_are_the_same_in_all_their_parts(letter: str) -> None:
    count = 1301  # columns are worked on 512 values at a time
    values = [(7 * place) % 101 for place in range(count)]
    column = array(letter, values)
    index = array("i", [(31 * place) % (count + 1) - 1 for place in range(count)])
    other = array("H", range(count))
    told = [values[place] if place >= 0 else -1 for place in index]
    if letter in "iqd":
        assert list(columns.gathered(column, index)) == told
    picked = [
        here if flag else there for flag, here, there in zip(other, values, other, strict=True)
    ]
    assert list(columns.chosen(other, column, other)) == picked
    sums = [0] * 7
    for place, value in enumerate(values):
        sums[place % 7] += value
    groups = bytes(place % 7 for place in range(count))
    assert list(columns.sums_by(groups, column, 7)) == sums
    assert list(columns.balanced(column, other, other, column)) == [0] * count
    if letter != "d":
        members = [place for place, value in enumerate(values) if value % 2]
        assert list(columns.members(b"\0\1" * 51, column)) == members
        groups_of, first = columns.numbered(column)
        assert [values[first[group]] for group in groups_of] == values
        assert list(first) == [values.index(values[place]) for place in first]
        assert list(columns.accumulated(column, 5)) == list(accumulate(values, initial=5))[1:]


def test_long_trees_are_walked_in_all_their_parts() -> None:
    count = 1301
    parent = array("I", [0, *((place - 1) // 3 for place in range(1, count))])
    marked = bytes(place % 5 == 1 for place in range(count))
    nearest, depths = [0], [0]
    for node in range(1, count):
        nearest.append(node if marked[node] else nearest[parent[node]])
        depths.append(depths[parent[node]] + 1 if marked[node] else 0)
    assert list(columns.nearest(parent, marked)) == nearest
    assert list(columns.depths(parent, marked)) == depths
    sums = [1] * count
    for node in range(count - 1, 0, -1):
        sums[parent[node]] += sums[node]
    assert list(columns.risen(b"\1" * count, parent)) == sums


@given(SMALL, st.integers(0, 9))
def test_gaps_add_up(gaps: list[int], start: int) -> None:
    assert (
        list(columns.accumulated(bytes(gaps), start)) == list(accumulate(gaps, initial=start))[1:]
    )


@given(st.lists(st.integers(0, (1 << 64) - 1), max_size=20))
def test_zigzag_is_undone(values: list[int]) -> None:
    told = [value >> 1 if not value & 1 else -(value >> 1) - 1 for value in values]
    assert list(columns.unzigzag(array("Q", values))) == told


def test_an_index_of_none_stays_none_and_one_beyond_the_end_is_refused() -> None:
    table = array("i", [5, 6])
    assert list(columns.gathered(table, array("i", [1, -1, 0]))) == [6, -1, 5]
    for index in (2, -2):
        with pytest.raises(ValueError, match="do not go together"):
            columns.gathered(table, array("i", [index]))
        with pytest.raises(ValueError, match="do not go together"):
            columns.sums_by(array("i", [2]), b"\1", 2)


def test_a_parent_that_comes_later_is_refused() -> None:
    parent = array("I", [0, 2, 0])
    for walk in (columns.nearest, columns.depths):
        with pytest.raises(ValueError, match="do not go together"):
            walk(parent, bytes(3))
    with pytest.raises(ValueError, match="do not go together"):
        columns.risen(bytes(3), parent)
    for nodes, own in ((b"\5", bytes(3)), (b"\1", bytes([0, 2, 2]))):
        with pytest.raises(ValueError, match="do not go together"):
            columns.nearest_of(nodes, array("I", [0, 0, 1]), own, bytes(3), 0)
    with pytest.raises(ValueError, match="do not go together"):
        columns.merged(parent, b"\0\1\1", bytes(3))
    for above, key in ((parent, bytes(3)), (bytes(3), b"\0\3\0"), (bytes(3), bytes(2))):
        with pytest.raises(ValueError, match="do not go together"):
            columns.outermost(above, key)


def test_sums_that_no_program_reaches_stop() -> None:
    most = (1 << 63) - 1
    assert columns.total(array("Q", [(1 << 64) - 1, 5])) == most
    assert list(columns.sums_by(bytes(2), array("q", [most, most]), 1)) == [most]


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="do not go together"):
        columns.sums_by(bytes(2), bytes(3), 1)
    with pytest.raises(TypeError):
        columns.sums_by([0, 0], bytes(2), 1)


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=40), st.data())
def test_lines_are_those_of_a_format_string(values: list[int], data: st.DataObject) -> None:
    texts = ["", "a", "ü,\ud800" * 4_000]
    which = bytes(data.draw(st.integers(0, 2)) for _ in values)
    column = array("q", values)
    parts = [
        columns.same("<"),
        columns.number(column),
        columns.same(" "),
        columns.one_of(columns.encoded(texts), which),
        columns.number_or_nothing(column),
        columns.same(">\n"),
    ]
    expected = "".join(
        f"<{value} {texts[of]}{'' if value == -1 else value}>\n"
        for value, of in zip(values, which, strict=True)
    )
    pieces = list(columns.lines(parts, len(values)))
    assert b"".join(pieces) == expected.encode("utf-8", "backslashreplace")
    # No piece is much longer than it has to be, whatever texts there are.
    assert all(len(piece) < (1 << 18) + 60_000 for piece in pieces)


def test_lines_print_the_largest_numbers() -> None:
    most = array("Q", [(1 << 64) - 1])
    assert b"".join(columns.lines([columns.number(most)], 1)) == b"18446744073709551615"


def test_lines_of_columns_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(ValueError, match="do not go together"):
        list(columns.lines([columns.number(bytes(2))], 3))
    for which in (bytes([2]), array("i", [-1])):
        with pytest.raises(ValueError, match="do not go together"):
            list(columns.lines([columns.one_of([b"a", b"b"], which)], 1))
    for part in (columns.number(array("d", [1.0])), ("text", None), None, ([1], None)):
        with pytest.raises(TypeError):
            list(columns.lines([part], 1))  # type: ignore[list-item]
    with pytest.raises(TypeError):
        list(columns.lines([columns.same("x")] * 65, 1))


@given(st.lists(st.tuples(st.integers(0), st.integers(0, 3)), max_size=30), st.booleans())
def test_stacks_are_written_out_from_their_roots(
    drawn: list[tuple[int, int]], as_text: bool
) -> None:
    parent = [0, *(above % (node + 1) for node, (above, _) in enumerate(drawn))]
    frame = [0, *(of for _, of in drawn)]
    texts = ["none", "", "ü" * 3, "c"] if as_text else ["0", "1", "2", "3"]
    nodes = range(len(parent))
    expected = []
    for node in nodes:
        way: list[str] = []
        at = node
        while at:
            way[:0] = [texts[frame[at]]] if frame[at] else []
            at = parent[at]
        expected.append("; ".join(way or texts[:1]) + "\n")
    columns_of = (array("I", nodes), array("I", parent), bytes(frame), b"; ")
    part = columns.stack(columns.encoded(texts) if as_text else None, *columns_of)
    written = b"".join(columns.lines([part, columns.same("\n")], len(parent)))
    assert written == "".join(expected).encode()


def test_numbers_of_frames_have_all_their_digits() -> None:
    numbers = array("Q", [0, 9, 10, 99, 1 << 32, (1 << 63) - 1])
    part = columns.stack(None, bytes([5]), bytes([0, 0, 1, 2, 3, 4]), numbers, b"")
    expected = b"9109942949672969223372036854775807"
    assert b"".join(columns.lines([part], 1)) == expected


@pytest.mark.parametrize(
    ("texts", "node", "parent", "frame"),
    [
        (None, 3, [0, 0, 1], [0, 1, 1]),
        (None, 2, [0, 0, 2], [0, 1, 1]),
        (None, 2, [0, 2, 1], [0, 1, 1]),
        (None, 2, [0, 0, 1], [0, 1]),
        (None, 2, [0, 0], [0, 1, 1]),
        ([b"none", b"a"], 2, [0, 0, 1], [0, 1, 2]),
        ([], 0, [0], [0]),
    ],
)
def test_stacks_of_columns_that_do_not_go_together_are_refused(
    texts: list[bytes] | None, node: int, parent: list[int], frame: list[int]
) -> None:
    part = columns.stack(texts, bytes([node]), bytes(parent), bytes(frame), b";")
    with pytest.raises(ValueError, match="go together"):
        list(columns.lines([part], 1))


def test_what_stacks_are_not_made_of_is_refused() -> None:
    for ways in (None, (b"", b""), (b"", b"", ";"), (None, b"", b";"), (array("d"), b"", b"")):
        with pytest.raises(TypeError):
            list(columns.lines([(None, b"\0", ways)], 1))  # type: ignore[list-item]
    many = columns.stack(None, b"\0", b"\0", b"\0", b"")
    with pytest.raises(TypeError):
        list(columns.lines([many] * 60, 1))


def test_messages_have_their_length_before_them() -> None:
    frames = columns.stack([b"\x10\1", b"\x10\2"], b"\0\1", b"\0\0", b"\0\1", b"")
    parts = [columns.same("\x08"), columns.varint(array("I", [1, 300])), frames]
    expected = bytes.fromhex("1a 04 08 01 10 01  1a 05 08 ac 02 10 02")
    assert b"".join(columns.messages(3, parts, 2)) == expected
    assert b"".join(columns.messages(3, parts, 0)) == b""
    with pytest.raises(ValueError, match="go together"):
        list(columns.messages(3, parts, 3))


@given(SMALL)
def test_columns_are_added_taken_away_and_looked_through(values: list[int]) -> None:
    column, other = array("i", [value - 3 for value in values]), bytes(values)
    assert list(columns.added(column, other)) == [2 * value - 3 for value in values]
    assert list(columns.difference(column, other)) == [-3] * len(values)
    assert list(columns.places_of(column)) == [n for n, value in enumerate(values) if value != 3]


@given(st.lists(st.integers(0, 5)))
def test_first_entries_are_where_a_group_comes_up(index: list[int]) -> None:
    expected = [place for place, group in enumerate(index) if group not in index[:place]]
    assert list(columns.first_entries(array("I", index), 6)) == expected


def _samples(**changed: Any) -> bytes:
    """Of two rows: main -> work and no Python frame, with two values and one label each."""
    given = {"parent": [0, 0, 1], "frame": [0, 4, 300], "stack": [2, 0], "label": [1, 0], **changed}
    column = {name: columns.number(array("I", values)) for name, values in given.items()}
    values = [columns.number(array("q", each)) for each in ([1, -2], [200, 1 << 62])]
    label = columns.one_of([b"", b"label"], column["label"][1] or b"")
    path = column["parent"], column["frame"], column["stack"]
    return b"".join(columns.samples(path, values, [label], 2))


def test_samples_are_messages_of_protocol_buffers() -> None:
    negative, large = bytes.fromhex("feffffffffffffffff01"), bytes.fromhex("808080808080808040")
    first = bytes.fromhex("0a 03 ad 02 05  12 03 01 c8 01") + b"label"
    second = bytes.fromhex("0a 01 01  12 13") + negative + large
    expected = b"".join(b"\x12" + bytes([len(part)]) + part for part in (first, second))
    assert _samples() == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"parent": [0, 0, 2]},
        {"stack": [3, 0]},
        {"stack": [2]},
        {"label": [2, 0]},
        {"frame": [0, 4]},
    ],
)
def test_samples_of_columns_that_do_not_go_together_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="go together"):
        _samples(**changed)


def test_a_row_without_any_figure_has_no_sample() -> None:
    nothing = columns.number(bytes(3))
    assert b"".join(columns.samples((nothing, nothing, nothing), [nothing], [], 3)) == b""
