"""The flame's columns say what the capture says."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture.captures import APP, FILL, FIND_AND_LOAD, HOME, LOAD, MAIN, load, shop
from capture.writer import CaptureWriter

from memscope.analysis.flame import Flame, flame_of, flame_of_both, steps
from memscope.analysis.measures import BYS, Measures
from memscope.capture import Capture


def shapes(flame: Flame) -> list[tuple[int, str, int]]:
    tree = flame.tree
    return [
        (depth, tree.functions[function].name if function >= 0 else "", line)
        for depth, function, line in zip(tree.depth, tree.function, tree.line, strict=True)
    ]


def test_calls_are_in_preorder_heaviest_first(tmp_path: Path) -> None:
    flame = flame_of(Measures(load(shop(), tmp_path)))
    assert shapes(flame) == [
        (0, "", 0),
        (1, "<module>", 3),
        (2, "load", 10),
        (3, "JSONDecoder.decode", 337),
        (4, "JSONDecoder.raw_decode", 353),
        (2, "Cart.fill", 20),
        (3, "parse", 7),
        (2, "_find_and_load", 1360),
        (3, "parse", 7),
    ]
    assert [f.name for f in flame.tree.functions if f.is_import] == ["_find_and_load"]
    assert {f.file for f in flame.tree.functions if f.path == APP} == {"app.py"}


def test_rows_add_up_to_the_whole(tmp_path: Path) -> None:
    measures = Measures(load(shop(), tmp_path))
    rows = flame_of(measures).rows
    assert list(rows.node) == sorted(rows.node)
    for by in BYS:
        assert sum(rows.measures[0][by]) == sum(measures.values(by))


def test_threads_share_calls_and_rows_tell_them_apart(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.threads.append((101, "worker", 0))
    made.site([MAIN, LOAD], count=3)
    made.site([MAIN, LOAD], count=4, thread=2)
    flame = flame_of(Measures(load(made, tmp_path)))
    assert len(flame.tree.depth) == 3
    assert list(zip(flame.rows.thread, flame.rows.measures[0]["allocations"], strict=True)) == [
        (1, 3),
        (2, 4),
    ]


@pytest.mark.parametrize("mode", ["exact", "sampled"])
def test_windows_add_up_to_the_rows(tmp_path: Path, mode: str) -> None:
    measures = Measures(load(shop(mode=mode), tmp_path))
    flame = flame_of(measures)
    sums = [0.0] * len(flame.rows.node)
    for window in flame.windows(measures):
        assert list(window.row) == sorted(window.row)
        for row, value in zip(window.row, window.changes[1], strict=True):
            sums[row] += value
    assert sums == list(flame.rows.measures[0]["allocated_bytes"])


def changed(tmp_path: Path) -> tuple[Capture, Capture]:
    old = CaptureWriter()
    old.site([MAIN, LOAD], count=10)
    old.site([MAIN, FILL], count=5)
    new = CaptureWriter(main=f"{HOME}/after.py")
    after = f"{HOME}/after.py"
    new.site([("<module>", after, 4), ("load", after, 12)], count=4)
    new.site([("<module>", after, 4), FIND_AND_LOAD], count=1)
    return load(old, tmp_path, "old.mscope"), load(new, tmp_path, "new.mscope")


def test_a_difference_merges_lines_and_the_started_script(tmp_path: Path) -> None:
    old, new = changed(tmp_path)
    flame = flame_of_both(Measures(old), Measures(new))
    assert shapes(flame) == [
        (0, "", 0),
        (1, "<module>", 0),
        (2, "load", 0),
        (2, "Cart.fill", 0),
        (2, "_find_and_load", 0),
    ]
    before, after = flame.rows.measures
    assert list(flame.rows.node) == [2, 3, 4]
    assert (list(before["allocations"]), list(after["allocations"])) == ([10, 5, 0], [4, 0, 1])


def test_no_allocations(tmp_path: Path) -> None:
    flame = flame_of(Measures(load(CaptureWriter(), tmp_path)))
    assert (list(flame.tree.depth), list(flame.rows.node)) == ([0], [])


def test_steps() -> None:
    assert steps([2, 5, 5]) == [2, 3, 0]
    assert steps([]) == []
