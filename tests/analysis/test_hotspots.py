"""Hotspots add up, sort, group and select as they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from capture import captures
from capture.captures import APP, DECODER, FILL, IMPORTLIB, LIBRARY, LOAD, MAIN, SHOP
from capture.writer import CaptureWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memscope.analysis.hotspots import (
    GROUPS,
    Hotspot,
    Selection,
    find_heavy_stacks,
    find_hotspots,
    responsible_lines,
)
from memscope.analysis.measures import BYS, By, Measures
from memscope.analysis.origins import Origin


@pytest.fixture
def shop(tmp_path: Path) -> Measures:
    return Measures(captures.load(captures.shop(), tmp_path))


def by_place(rows: tuple[Hotspot, ...]) -> dict[tuple[str, int], Hotspot]:
    found = {(row.file, row.line): row for row in rows}
    assert len(found) == len(rows), "a place comes up once"
    return found


def test_lines(shop: Measures) -> None:
    found = find_hotspots(shop, limit=0)
    rows = by_place(found.rows)
    assert [row.allocated_bytes for row in found.rows] == [60000, 40000, 30000, 11910, 120]
    parse = rows[LIBRARY, 7]
    assert (parse.allocations, parse.frees, parse.live_blocks) == (70, 50, 20)
    assert parse.live_bytes == 20 * 513
    assert parse.peak_bytes == 50 * 33 + 20 * 513
    assert parse.origin is Origin.LIBRARY
    assert parse.own == ("<module>", APP, 3), "most of it was allocated by the import"
    assert rows[SHOP, 20].own is None, "user code needs no other line to blame"
    assert sum(row.share for row in found.rows) == pytest.approx(1)


def test_what_no_python_frame_allocated(shop: Measures) -> None:
    last = find_hotspots(shop, limit=0, group="stack").rows[-1]
    assert (last.function, last.file, last.line) == ("<no Python frame>", "", 0)
    assert last.stack == ()
    assert last.allocations == 5


def test_stacks_are_leaf_last(shop: Measures) -> None:
    first = find_hotspots(shop, group="stack").rows[0]
    assert [frame.line for frame in first.stack] == [3, 10, 337, 353]
    assert first.stack[-1].function == first.function == "JSONDecoder.raw_decode"


def test_functions_and_files(shop: Measures) -> None:
    functions = by_place(find_hotspots(shop, group="function", limit=0).rows)
    assert functions[APP, 1].function == "load"
    files = by_place(find_hotspots(shop, group="file", limit=0).rows)
    assert files[DECODER, 0].allocated_bytes == 60000
    assert files[DECODER, 0].function == ""


def test_the_same_stack_on_two_threads_is_one(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.threads.append((200, "worker", 0))
    for thread in (1, 2):
        made.site([MAIN, LOAD], size=8, count=3, thread=thread)
    measures = Measures(captures.load(made, tmp_path))
    (row,) = find_hotspots(measures, group="stack").rows
    assert row.allocations == 6


def test_a_line_of_two_functions_is_one_line(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, ("f", APP, 5)], count=1)
    made.site([MAIN, ("f.<locals>.<lambda>", APP, 5)], count=2)
    measures = Measures(captures.load(made, tmp_path))
    (row,) = find_hotspots(measures, group="line").rows
    assert row.function == "f.<locals>.<lambda>", "the heavier one gives its name"
    assert len(find_hotspots(measures, group="function").rows) == 2


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("allocated_bytes", (DECODER, 353)),
        ("allocations", (DECODER, 353)),
        ("peak_bytes", (APP, 10)),
        ("live_bytes", (SHOP, 20)),
        ("short_lived", (DECODER, 353)),
    ],
)
def test_by(shop: Measures, by: By, first: tuple[str, int]) -> None:
    found = find_hotspots(shop, by=by)
    values = [getattr(row, by) for row in found.rows]
    assert (found.rows[0].file, found.rows[0].line) == first
    assert values == sorted(values, reverse=True)
    assert all(values), "what weighs nothing is no hotspot"


def test_short_lived_counts_blocks_gone_within_a_kibibyte(shop: Measures) -> None:
    found = find_hotspots(shop, by="short_lived", limit=0)
    assert {row.file: row.short_lived for row in found.rows if row.short_lived} == {
        DECODER: 500,
        APP: 10,
    }


def test_selection(shop: Measures) -> None:
    own = find_hotspots(shop, selection=Selection(own_only=True), limit=0)
    assert {row.file for row in own.rows} == {APP, SHOP}
    assert own.total == find_hotspots(shop).total, "shares stay those of everything"
    named = find_hotspots(shop, selection=Selection(pattern=re.compile("raw_dec")), limit=0)
    assert [row.file for row in named.rows] == [DECODER]
    stacks = Selection(pattern=re.compile(r"cart\.py:20"))
    assert len(find_hotspots(shop, group="stack", selection=stacks).rows) == 2
    bare = find_hotspots(shop, selection=Selection(imports=False), limit=0)
    assert by_place(bare.rows)[LIBRARY, 7].allocations == 50


def test_responsible_lines_are_own_code(shop: Measures) -> None:
    (found,) = responsible_lines(shop, ("allocated_bytes",), 10)
    rows = by_place(found.rows)
    assert rows[LOAD[1], LOAD[2]].allocated_bytes == 100000
    assert rows[FILL[1], FILL[2]].allocated_bytes == 31650
    assert rows[MAIN[1], MAIN[2]].allocated_bytes == 20 * 513
    assert IMPORTLIB not in {row.file for row in found.rows}
    assert sum(row.share for row in found.rows) == pytest.approx(1)


def test_sampled_rows_are_whole_estimates(tmp_path: Path) -> None:
    made = CaptureWriter(mode="sampled", sample_bytes=512)
    for _ in range(3):
        quarter = {"allocations": 100, "allocated_bytes": 6400, "released": 0}
        made.site([MAIN], **quarter, released_bytes=0, peak_blocks=100, peak_bytes=6400)
    (row,) = find_hotspots(Measures(captures.load(made, tmp_path))).rows
    assert row.allocations == round(300 / 256)
    assert row.allocated_bytes == 75


frames = st.builds(
    lambda f, file, line: (f, file, line),
    st.sampled_from(["f", "g", "h"]),
    st.sampled_from([APP, DECODER, LIBRARY, IMPORTLIB]),
    st.integers(1, 3),
)
sites = st.fixed_dictionaries(
    {
        "stack": st.lists(frames, max_size=4),
        "size": st.integers(0, 1000),
        "count": st.integers(1, 100),
        "live": st.integers(0, 1),
        "thread": st.integers(1, 2),
        "lifetimes": st.dictionaries(
            st.tuples(st.just(0), st.integers(0, 15)), st.integers(1, 9), max_size=3
        ),
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sites, max_size=10), st.sampled_from(BYS), st.sampled_from(GROUPS))
def test_every_grouping_holds_everything_once(
    tmp_path: Path, told: list[dict[str, Any]], by: By, group: Any
) -> None:
    made = CaptureWriter()
    for site in told:
        made.site(**site)
    capture = captures.load(made, tmp_path)
    measures = Measures(capture)
    found = find_hotspots(measures, by=by, group=group, limit=0)
    assert sum(getattr(row, by) for row in found.rows) == sum(measures.values(by)) == found.total
    for name in ("allocations", "allocated_bytes", "live_bytes", "peak_bytes", "live_blocks"):
        whole = getattr(capture.sums.total, name)
        assert sum(getattr(row, name) for row in found.rows) == whole
    (own,) = responsible_lines(measures, (by,), 1000)
    assert sum(getattr(row, by) for row in own.rows) == found.total


HEAVY = ("allocations", "live_bytes", "peak_bytes")


@given(
    sizes=st.lists(st.tuples(st.integers(1, 400), st.integers(0, 30)), min_size=1, max_size=40),
    share=st.sampled_from([0.5, 0.1, 0.03, 0.001]),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_heavy_stacks_are_those_above_the_share_and_the_rest_is_all_else(
    tmp_path: Path, sizes: list[tuple[int, int]], share: float
) -> None:
    made = CaptureWriter()
    for number, (size, live) in enumerate(sizes):
        made.site([MAIN, ("f", APP, number + 10)], size=size, count=40, live=live, peak=live + 3)
    measures = Measures(captures.load(made, tmp_path))
    every = find_hotspots(measures, group="stack", limit=0).rows
    whole = {name: sum(getattr(row, name) for row in every) for name in HEAVY}
    heavy, rest = find_heavy_stacks(measures, HEAVY, share)
    wanted = [
        row for row in every if any(getattr(row, name) > share * whole[name] for name in HEAVY)
    ]
    assert {row.stack for row in heavy} == {row.stack for row in wanted}
    for name in HEAVY:
        assert sum(getattr(row, name) for row in heavy) + rest[name] == whole[name]


def test_heavy_stacks_have_no_more_frames_than_they_may(tmp_path: Path) -> None:
    made = CaptureWriter()
    for number in range(10):
        made.site([MAIN] * 4 + [("f", APP, number + 10)], size=100 + number, count=10)
    measures = Measures(captures.load(made, tmp_path))
    heavy, rest = find_heavy_stacks(measures, ("live_bytes",), 0.001, most_frames=17)
    assert [row.line for row in heavy] == [19, 18, 17]
    assert rest == {"live_bytes": 10 * sum(range(100, 107))}
