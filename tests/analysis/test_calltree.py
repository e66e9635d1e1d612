"""The call tree: values flow to the root, light calls are cut and counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import captures
from capture.captures import APP, FILL, FIND_AND_LOAD, LOAD, MAIN, PARSE
from capture.writer import CaptureWriter

from memscope.analysis.calltree import Call, CallTree, call_tree
from memscope.analysis.measures import Measures


def shop(tmp_path: Path) -> Measures:
    return Measures(captures.load(captures.shop(), tmp_path))


def call_at(tree: CallTree, *path: str) -> Call:
    call = tree.calls[0]
    for function in path:
        (call,) = (tree.calls[n] for n in call.children if tree.calls[n].function == function)
    return call


def test_a_call_weighs_what_it_and_its_callees_allocated(tmp_path: Path) -> None:
    tree = call_tree(shop(tmp_path), threshold=0)
    root = tree.calls[0]
    assert root.value == tree.total == 142030
    assert root.own_value == 120, "what no Python frame allocated stays at the root"
    assert call_at(tree, "<module>").value == 142030 - 120
    load = call_at(tree, "<module>", "load")
    assert (load.value, load.own_value) == (100000, 40000)
    assert load.share == pytest.approx(100000 / 142030)
    assert tree.cut_count == 0


def test_the_heaviest_child_comes_first(tmp_path: Path) -> None:
    tree = call_tree(shop(tmp_path), threshold=0)
    values = [tree.calls[n].value for n in call_at(tree, "<module>").children]
    assert values == sorted(values, reverse=True)


def test_light_calls_are_cut_and_said(tmp_path: Path) -> None:
    tree = call_tree(shop(tmp_path), threshold=0.05)
    fill = call_at(tree, "<module>", "Cart.fill")
    assert fill.children == ()
    assert (fill.cut_count, fill.cut_value) == (1, 50 * 33)
    assert (tree.cut_count, tree.cut_value) == (1, 50 * 33)


def test_depth(tmp_path: Path) -> None:
    tree = call_tree(shop(tmp_path), threshold=0, depth=2)
    assert max(call.depth for call in tree.calls) == 2
    assert call_at(tree, "<module>", "load").cut_value == 60000
    assert tree.depth_limited


def test_imports_can_be_hidden(tmp_path: Path) -> None:
    tree = call_tree(shop(tmp_path), threshold=0, imports=False)
    assert tree.hidden_imports == 20 * 513
    assert FIND_AND_LOAD[0] not in {call.function for call in tree.calls}
    assert tree.calls[0].value == tree.total - tree.hidden_imports


def test_threads_with_the_same_calls_are_one(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.threads.append((200, "worker", 0))
    for thread in (1, 2):
        made.site([MAIN, LOAD], size=8, count=3, thread=thread)
        made.site([MAIN, FILL], size=8, count=thread, thread=thread)
    tree = call_tree(Measures(captures.load(made, tmp_path)), threshold=0)
    assert call_at(tree, "<module>", "load").value == 48
    assert call_at(tree, "<module>", "Cart.fill").value == 24
    assert len(tree.calls) == 4


def test_recursion_far_deeper_than_pythons_own_limit(tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([MAIN, *[("walk", APP, 5)] * 20_000, PARSE], size=8, count=3)
    tree = call_tree(Measures(captures.load(made, tmp_path)))
    assert tree.calls[-1].depth == 20_002
    assert tree.calls[-1].value == 24


def test_nothing_recorded(tmp_path: Path) -> None:
    tree = call_tree(Measures(captures.load(CaptureWriter(), tmp_path)))
    assert len(tree.calls) == 1
    assert tree.calls[0].share == 0
