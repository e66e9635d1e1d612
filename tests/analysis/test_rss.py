"""The parts of resident memory, from captures made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import MAIN
from capture.writer import CaptureWriter

from memscope.analysis.measures import Measures
from memscope.analysis.rss import ResidentMoment, ResidentParts, resident_over_time, rss_of
from memscope.capture import Capture
from memscope.errors import MemscopeError
from memscope.reports.rss import rss_document

MIB = 1 << 20


def parts_of(capture: Capture) -> dict[str, int]:
    sums: dict[str, int] = {}
    for part in rss_of(Measures(capture)).parts:
        sums[part.origin] = sums.get(part.origin, 0) + part.size_bytes
    return sums


def program(**facts: object) -> CaptureWriter:
    made = CaptureWriter()
    made.site([MAIN], size=MIB, count=100)
    parts = [
        ("library", "libpython3.12.so.1.0", 6 * MIB),
        ("heap", "", 3 * MIB),
        ("anonymous", "", 200 * MIB),
        ("memscope", "", 4 * MIB),
    ]
    made.look(parts, time_ns=1 << 40, live_bytes=100 * MIB, **facts)  # type: ignore[arg-type]
    return made


def test_a_capture_of_an_earlier_version_has_parts_that_sum_up(tmp_path: Path) -> None:
    made = program(own_bytes=2 * MIB, arena_bytes=30 * MIB, pooled_bytes=0)
    capture = captures.load(made, tmp_path)
    found = rss_of(Measures(capture))
    assert not found.whole
    assert sum(part.size_bytes for part in found.parts) == found.resident_bytes == 213 * MIB
    sums = parts_of(capture)
    assert sums["code"] == 6 * MIB
    assert sums["memscope"] == 6 * MIB
    assert sums["objects"] == 100 * MIB
    assert sums["pymalloc free"] == 30 * MIB
    document = rss_document(found, capture)
    assert sum(part["bytes"] for part in document["parts"]) == document["resident_bytes"]
    assert document["pages_told_apart"] is False


ARENAS = {
    "count": 10,
    "bytes": 10 * MIB,
    "resident_bytes": 8 * MIB,
    "blocks_bytes": 5 * MIB,
    "headers_bytes": MIB // 4,
    "free_blocks_bytes": 2 * MIB,
    "free_pools_bytes": MIB - MIB // 4,
    "read": 10,
    "older_bytes": MIB,
    "counted": True,
}
RANGES = [
    {"kind": "heap", "mapped_bytes": 3 * MIB, "resident_bytes": 3 * MIB, "block_bytes": MIB},
    {
        "kind": "anonymous",
        "mapped_bytes": 250 * MIB,
        "resident_bytes": 200 * MIB,
        "arena_bytes": 8 * MIB,
        "block_bytes": 79 * MIB,
        "untouched_bytes": 20 * MIB,
    },
]


def looked_into(tmp_path: Path, **facts: object) -> ResidentParts:
    made = program(
        own_bytes=2 * MIB, ranges=RANGES, arenas=ARENAS, untouched=[[1, 20 * MIB]], **facts
    )
    return rss_of(Measures(captures.load(made, tmp_path)))


def test_what_was_not_touched_is_reserved_and_not_resident(tmp_path: Path) -> None:
    found = looked_into(tmp_path)
    assert found.whole
    assert sum(part.size_bytes for part in found.parts) == found.resident_bytes == 213 * MIB
    (line,) = [line for line in found.lines if line.reserved_bytes]
    assert (line.size_bytes, line.reserved_bytes) == (80 * MIB, 100 * MIB)
    assert found.of("pymalloc free") == 3 * MIB
    assert found.reserved("pymalloc free") == 5 * MIB
    # No small block was recorded: all that pymalloc counts is from before.
    before = [part.size_bytes for part in found.parts if part.name == "from before the recording"]
    assert before == [5 * MIB]
    assert found.of("unexplained") == (2 + 200 - 8 - 79 - 2) * MIB
    assert found.explained_share == pytest.approx(1 - found.of("unexplained") / (213 * MIB))


def test_each_name_of_an_origin_stands_once(tmp_path: Path) -> None:
    made = program(own_bytes=2 * MIB, ranges=RANGES, arenas=ARENAS, untouched=[])
    made.site([MAIN], size=200, count=1000)  # small blocks and large ones, all without a type
    found = rss_of(Measures(captures.load(made, tmp_path)))
    names = [(part.origin, part.name) for part in found.parts]
    assert len(names) == len(set(names))
    assert sum(part.size_bytes for part in found.parts) == found.resident_bytes


@pytest.mark.parametrize(
    "bad",
    [
        {"ranges": [{"kind": "heap", "resident_bytes": 1 << 63, "arena_bytes": 1 << 63}]},
        {"ranges": "none", "arenas": [1], "untouched": [1, [2], ["a", "b"], [1 << 40, 1]]},
        {"arenas": {**ARENAS, "blocks_bytes": 1 << 63, "resident_bytes": 0}},
        {"untouched": [[1, 1 << 63]] * 100},
        {"ranges": [{"kind": 7}, None, {"kind": "library", "name": 3, "block_bytes": 1 << 62}]},
    ],
    ids=["large", "other-types", "more-blocks-than-room", "more-untouched-than-live", "kinds"],
)
def test_numbers_that_cannot_be_still_sum_up(tmp_path: Path, bad: dict[str, object]) -> None:
    facts = {"own_bytes": 2 * MIB, "ranges": RANGES, "arenas": ARENAS, **bad}
    found = rss_of(Measures(captures.load(program(**facts), tmp_path)))
    assert sum(part.size_bytes for part in found.parts) == found.resident_bytes == 213 * MIB
    assert all(0 <= part.size_bytes <= part.reserved_bytes for part in found.parts)


def test_a_capture_without_a_look_says_so(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN], size=MIB, count=100)
    with pytest.raises(MemscopeError, match="what resident memory was made of"):
        rss_of(Measures(captures.load(made, tmp_path)))


# One look with live blocks of 100 MiB, 20 MiB of them never touched; then one without any.
SUMS: dict[str, list[int]] = {
    "time_ns": [1 << 40, 2 << 40],
    "final": [0, 1],
    "libraries": [6 * MIB, 7 * MIB],
    "files": [0, MIB],
    "shared": [0, 0],
    "stacks": [0, MIB],
    "own": [4 * MIB, 4 * MIB],
    "own_tables": [2 * MIB, 2 * MIB],
    "arenas": [8 * MIB, 8 * MIB],
    "arena_blocks": [5 * MIB, 5 * MIB],
    "older_blocks": [5 * MIB, 5 * MIB],
    "room": [5 * MIB, 5 * MIB],
    "outside": [195 * MIB, 140 * MIB],
    "blocks": [80 * MIB, 80 * MIB],
    "around": [0, 0],
    "heap_blocks": [MIB, MIB],
    "heap_rest": [2 * MIB, 2 * MIB],
    "small_rest": [3 * MIB, 3 * MIB],
    "large_rest": [110 * MIB, 54 * MIB],
    "untouched_python": [20 * MIB, 20 * MIB],
    "untouched_native": [0, 0],
    "untouched_mapped": [0, 0],
}


def over_time(tmp_path: Path, sums: object) -> tuple[ResidentMoment, ...]:
    made = program(own_bytes=2 * MIB, ranges=RANGES, arenas=ARENAS)
    made.look_sums = sums  # type: ignore[assignment]
    return resident_over_time(Measures(captures.load(made, tmp_path)))


def test_every_look_is_told_by_origin(tmp_path: Path) -> None:
    first, second = over_time(tmp_path, SUMS)
    assert first.resident_bytes == sum(first.origins.values()) == 213 * MIB
    assert first.origins == {
        "objects": 85 * MIB,  # 5 MiB of them in arenas, from before the recording
        "pymalloc free": 3 * MIB,
        "code": 6 * MIB,
        "memscope": 6 * MIB,
        "unexplained": 113 * MIB,
    }
    assert second.resident_bytes == sum(second.origins.values()) == 160 * MIB
    assert second.origins["stacks"] == second.origins["mapping"] == MIB


@pytest.mark.parametrize(
    "sums",
    [
        None,
        [],
        {},
        {**SUMS, "room": 7},
        {name: column for name, column in SUMS.items() if name != "stacks"},
        {**SUMS, "around": [None, "a"], "room": [-1, 1 << 70], "blocks": [1 << 62, 1 << 62]},
        {**SUMS, "large_rest": [1 << 62, 1 << 62], "outside": [0, 0], "arenas": [0, 0]},
    ],
    ids=["none", "list", "empty", "no-column", "missing", "other-types", "more-than-all"],
)
def test_sums_that_cannot_be_add_up_or_are_left_out(tmp_path: Path, sums: object) -> None:
    for moment in over_time(tmp_path, sums):
        assert sum(moment.origins.values()) == moment.resident_bytes
        assert all(size >= 0 for size in moment.origins.values())
