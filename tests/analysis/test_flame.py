"""The flame's columns say what the capture says."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture.captures import (
    APP,
    DICT,
    FILL,
    FIND_AND_LOAD,
    HOME,
    LOAD,
    MAIN,
    ORDER,
    load,
    loop,
    shop,
)
from capture.writer import CaptureWriter

from memscope.analysis.flame import Flame, FlameWindow, flame_of, flame_of_both, steps
from memscope.analysis.hotspots import KEPT_FOR_REUSE
from memscope.analysis.measures import BYS, Measures
from memscope.capture import Capture
from memscope.capture.model import NO_PYTHON_FRAME, UNTYPED


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


def test_of_a_large_tree_small_calls_are_one_of_their_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measures = Measures(load(shop(), tmp_path))
    whole = flame_of(measures)
    monkeypatch.setattr("memscope.analysis.flame.MOST_CALLS", len(whole.tree.depth) - 1)
    monkeypatch.setattr("memscope.analysis.flame.SMALL_SHARE", 0.3)
    pruned = flame_of(measures)
    assert len(pruned.tree.depth) < len(whole.tree.depth)
    small = [shape for shape in shapes(pruned) if "small frame" in shape[1]]
    assert small
    kept = [shape for shape in shapes(pruned) if shape not in small]
    assert set(kept) < set(shapes(whole))
    for by in BYS:
        assert sum(pruned.rows.measures[0][by]) == sum(whole.rows.measures[0][by])
    # Every call that is missing is counted in a name.
    counts = sum(int(name.strip("(").split()[0]) for _, name, _ in small)
    assert counts == len(whole.tree.depth) - len(kept)
    changed = [sum(window.changes[1]) for window in pruned.windows(measures)]
    assert changed == [sum(window.changes[1]) for window in whole.windows(measures)]


def summed_by_line(flame: Flame) -> dict[tuple[str, str, int], list[float]]:
    """Each line's sums by each measure, one row after the other."""
    lines, sums = flame.lines, dict[tuple[str, str, int], list[float]]()
    assert lines is not None
    for row, place in enumerate(lines.rows.node):
        key = ("(small)", "", 0)
        if place < len(lines.function):
            function = lines.function[place]
            of = flame.tree.functions[function] if function >= 0 else None
            key = (of.name, of.path, lines.line[place]) if of else NO_PYTHON_FRAME
        counted = sums.setdefault(key, [0] * len(BYS))
        for number, by in enumerate(BYS):
            counted[number] += lines.rows.measures[0][by][row]
    return sums


def test_of_a_large_tree_lines_are_summed_up_before_calls_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measures = Measures(load(shop(), tmp_path))
    monkeypatch.setattr("memscope.analysis.flame.MOST_CALLS", 2)
    monkeypatch.setattr("memscope.analysis.flame.SMALL_SHARE", 0.3)
    found = summed_by_line(flame_of(measures))
    stacks, expected = measures.stacks, dict[tuple[str, str, int], list[float]]()
    for row, node in enumerate(measures.row_stacks):
        frame = stacks.frame(node)
        key = (frame.function, frame.file, frame.line)
        if measures.parked[row]:
            key = (KEPT_FOR_REUSE, "", 0)
        counted = expected.setdefault(key, [0] * len(BYS))
        for number, by in enumerate(BYS):
            counted[number] += measures.values(by)[row]
    assert found == expected
    monkeypatch.setattr("memscope.analysis.flamelines.SMALL_LINE_SHARE", 0.3)
    fewer = summed_by_line(flame_of(measures))
    small = fewer.pop(("(small)", "", 0))
    assert 0 < len(fewer) < len(found)
    assert all(found[key] == value for key, value in fewer.items())
    rest = [value for key, value in found.items() if key not in fewer]
    assert small == [sum(column) for column in zip(*rest, strict=True)]
    assert flame_of(measures).lines.small_count == len(rest)  # type: ignore[union-attr]


def test_windows_of_too_many_changes_become_fewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measures = Measures(load(shop(), tmp_path))
    flame = flame_of(measures)
    each = flame.windows(measures)
    assert len(each) > 1
    monkeypatch.setattr("memscope.analysis.flame.MOST_CHANGES", 1)
    monkeypatch.setattr("memscope.analysis.flame.MOST_CHANGES_OF_ALL", 1000)
    assert len(flame.windows(measures)) == len(each)  # all rows change in any case
    monkeypatch.setattr("memscope.analysis.flame.MOST_CHANGES_OF_ALL", 0)
    (one,) = flame.windows(measures)
    assert (one.start_ns, one.end_ns) == (each[0].start_ns, each[-1].end_ns)
    assert sum(one.changes[1]) == sum(sum(window.changes[1]) for window in each)


def grouped(each: list[FlameWindow], together: int) -> list[dict[int, float]]:
    """What each row was allocated in windows of which several are one."""
    found = []
    for begin in range(0, len(each), together):
        sums: dict[int, float] = {}
        for window in each[begin : begin + together]:
            for row, size in zip(window.row, window.changes[1], strict=True):
                sums[row] = sums.get(row, 0) + size
        found.append(dict(sorted(sums.items())))
    return found


@pytest.mark.parametrize("count", range(1, 10))
def test_windows_are_put_together_in_twos_until_they_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    made = shop()
    made.window_count = count
    measures = Measures(load(made, tmp_path))
    flame = flame_of(measures)
    monkeypatch.setattr("memscope.analysis.flame.MOST_CHANGES_OF_ALL", 0)
    each = flame.windows(measures)
    assert len(each) == count
    for most in range(1, 1 + sum(len(window.row) for window in each)):
        monkeypatch.setattr("memscope.analysis.flame.MOST_CHANGES", most)
        together = 1
        while together < count and sum(map(len, grouped(each, together))) > most:
            together *= 2
        found = flame.windows(measures)
        assert grouped(found, 1) == grouped(each, together)
        assert [window.start_ns for window in found] == [
            window.start_ns for window in each[::together]
        ]


def test_of_too_many_rows_small_calls_are_one_of_their_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measures = Measures(load(shop(), tmp_path))
    whole = flame_of(measures)
    assert whole.lines is None
    monkeypatch.setattr("memscope.analysis.flame.SMALL_SHARE", 0.01)
    for most in range(1, len(whole.rows.node)):
        monkeypatch.setattr("memscope.analysis.flame.MOST_ROWS", most)
        pruned = flame_of(measures)
        assert pruned.lines is not None
        # The whole program is one call, and all others are one of its own.
        assert len(pruned.rows.node) <= most or len(pruned.tree.depth) <= 2
        for by in BYS:
            assert sum(pruned.rows.measures[0][by]) == sum(whole.rows.measures[0][by])


def test_steps() -> None:
    assert steps([2, 5, 5]) == [2, 3, 0]
    assert steps([]) == []


def test_rows_say_what_their_blocks_are(tmp_path: Path) -> None:
    measures = Measures(load(loop(), tmp_path))
    flame = flame_of(measures)
    assert [of.kind for of in flame.types] == ["", "object", "parked", "keys", "object"]
    sums: dict[int, float] = {}
    for of, value in zip(flame.rows.type, flame.rows.measures[0]["live_bytes"], strict=True):
        sums[of] = sums.get(of, 0) + value
    assert sums == {0: 96, 1: 576, 2: 64, 3: 864, 4: 96}
    assert sum(flame.rows.made[0]["created"]) == 19 + 4
    assert sum(flame.rows.made[0]["reused"]) == 9


def test_what_is_kept_for_reuse_is_a_call_of_its_own_and_nobodys(tmp_path: Path) -> None:
    flame = flame_of(Measures(load(loop(), tmp_path)))
    kept = shapes(flame).index((1, KEPT_FOR_REUSE, 0))
    live = flame.rows.measures[0]["live_bytes"]
    of_kept = [value for node, value in zip(flame.rows.node, live, strict=True) if node == kept]
    assert of_kept == [64]
    function = flame.tree.functions[flame.tree.function[kept]]
    assert (function.origin, function.file) == (None, "")


def test_types_of_two_captures_are_the_same_by_name(tmp_path: Path) -> None:
    old = CaptureWriter(format=2, objects=True)
    old.site([MAIN, LOAD], size=48, count=2, type=ORDER)
    new = CaptureWriter(format=2, objects=True)
    new.site([MAIN, LOAD], size=64, count=1, type=DICT)
    new.site([MAIN, LOAD], size=48, count=5, type=ORDER)
    pair = [Measures(load(made, tmp_path, f"{n}.mscope")) for n, made in enumerate((old, new))]
    flame = flame_of_both(*pair)
    assert [of.name for of in flame.types] == ["", "Shop.Order", "dict"]
    counts = [side["allocations"] for side in flame.rows.measures]
    assert list(zip(flame.rows.type, *counts, strict=True)) == [(1, 2, 5), (2, 0, 1)]


def test_without_objects_there_are_no_types(tmp_path: Path) -> None:
    flame = flame_of(Measures(load(shop(), tmp_path)))
    assert flame.types == (UNTYPED,)
    assert set(flame.rows.type) == {0}
    assert flame.rows.made == ({},)


def test_windows_add_up_with_blocks_that_changed_hands(tmp_path: Path) -> None:
    measures = Measures(load(loop(), tmp_path))
    flame = flame_of(measures)
    live = [0.0] * len(flame.rows.node)
    for window in flame.windows(measures):
        _, came, _, went = window.changes
        for row, more, less in zip(window.row, came, went, strict=True):
            live[row] += more - less
    assert live == list(flame.rows.measures[0]["live_bytes"])
