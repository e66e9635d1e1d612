"""Types add up, sort and select as they say; what lies on free lists is nobody's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from capture import captures
from capture.captures import DICT, KEPT, KEYS, ORDER
from capture.writer import CaptureWriter

from memscope.analysis.hotspots import KEPT_FOR_REUSE, Selection, find_hotspots
from memscope.analysis.measures import Measures
from memscope.analysis.types import TYPES_BYS, TypeFigures, TypesBy, find_types, type_name
from memscope.capture.model import UNTYPED, BlockType


@pytest.fixture
def loop(tmp_path: Path) -> Measures:
    """Line 3 makes dictionaries that die, line 5 makes others in their blocks and keeps them."""
    return Measures(captures.load(captures.loop(), tmp_path))


def by_name(rows: tuple[TypeFigures, ...]) -> dict[str, TypeFigures]:
    return {type_name(row.type): row for row in rows}


def test_a_type_is_the_sum_of_its_lines(loop: Measures) -> None:
    found = find_types(loop, by="live_bytes")
    assert [type_name(row.type) for row in found.rows] == [
        "keys of dict", "dict", "shop.models.Shop.Order", "no object, or not known",
    ]  # fmt: skip
    rows = by_name(found.rows)
    assert (rows["dict"].live_blocks, rows["dict"].live_bytes) == (9, 576)
    assert (rows["dict"].allocations, rows["dict"].allocated_bytes) == (10, 640)
    assert (rows["dict"].created, rows["dict"].reused) == (19, 9)
    assert (rows["keys of dict"].created, rows["keys of dict"].live_blocks) == (0, 9)
    assert sum(row.share for row in found.rows) == pytest.approx(1)


def test_what_lies_on_a_free_list_is_told_apart_and_counted_for_nobody(loop: Measures) -> None:
    found = find_types(loop, by="live_bytes", limit=0)
    assert found.parked is not None
    assert (found.parked.live_blocks, found.parked.live_bytes) == (1, 64)
    assert "kept by the interpreter for reuse" not in by_name(found.rows)
    assert found.total == sum(row.live_bytes for row in found.rows)


def test_types_by_line_say_which_line_made_them(loop: Measures) -> None:
    found = find_types(loop, by="created", by_line=True)
    dicts = {row.line.line: row for row in found.rows if row.type.name == "dict" and row.line}
    assert (dicts[3].created, dicts[3].live_blocks) == (10, 0)
    assert (dicts[5].created, dicts[5].live_blocks, dicts[5].reused) == (9, 9, 9)


@pytest.mark.parametrize("by", TYPES_BYS)
def test_the_heaviest_come_first(loop: Measures, by: TypesBy) -> None:
    values = [getattr(row, by) for row in find_types(loop, by=by, limit=0).rows]
    assert values == sorted(values, reverse=True)
    some = [getattr(row, by) for row in find_types(loop, by=by, limit=2).rows]
    assert some == [value for value in values[:2] if value]


def test_a_pattern_selects_by_name(loop: Measures) -> None:
    found = find_types(loop, pattern=re.compile(r"^shop\."))
    assert [type_name(row.type) for row in found.rows] == ["shop.models.Shop.Order"]
    assert found.groups_count == 1


def test_two_classes_of_one_name_stay_two(tmp_path: Path) -> None:
    made = CaptureWriter(format=2, objects=True)
    first, second = made.type_id(ORDER), made.new_type(ORDER)
    assert first != second
    made.site(KEPT, size=48, count=4, live=2, type=ORDER)
    made.site(KEPT, size=64, count=1, live=1, type=second)
    found = find_types(Measures(captures.load(made, tmp_path)))
    assert [(row.type.name, row.live_blocks) for row in found.rows] == [
        ("Shop.Order", 2), ("Shop.Order", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (BlockType(*DICT), "dict"),
        (BlockType("", "lost", "object"), "lost"),
        (BlockType("app", "Order", "object"), "app.Order"),
        (BlockType("builtins", "list", "items"), "items of list"),
        (BlockType("app", "Order", "other"), "memory of app.Order"),
        (UNTYPED, "no object, or not known"),
    ],
)
def test_names_are_those_that_people_say(of: BlockType, name: str) -> None:
    assert type_name(of) == name


def test_hotspots_say_what_most_of_a_line_is(loop: Measures) -> None:
    rows = {row.line: row for row in find_hotspots(loop, by="live_bytes").rows}
    assert rows[5].type == BlockType(*KEYS)
    assert rows[5].types_count == 3, "what has no type is none"
    assert rows[5].created == 9 + 4
    assert 3 not in rows, "nothing that line 3 made is live"


def test_hotspots_by_type_are_rows_of_their_own(loop: Measures) -> None:
    found = find_hotspots(loop, by="live_bytes", limit=0, selection=Selection(by_type=True))
    assert [(row.line, row.type and row.type.kind, row.live_bytes) for row in found.rows[:3]] == [
        (5, "keys", 864), (5, "object", 576), (5, None, 96),
    ]  # fmt: skip


def test_hotspots_tell_what_is_kept_for_reuse_apart_from_lines(loop: Measures) -> None:
    rows = {row.function: row for row in find_hotspots(loop, by="live_bytes", limit=0).rows}
    assert rows[KEPT_FOR_REUSE].live_bytes == 64
    assert (rows[KEPT_FOR_REUSE].file, rows[KEPT_FOR_REUSE].line) == ("", 0)
