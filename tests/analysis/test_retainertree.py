"""The tree of what holders retain: it sums up, and stays small."""

from __future__ import annotations

from pathlib import Path

import pytest
from capture import writer
from capture.captures import loop
from capture.graphs import ITEM_BYTES, LIST_BYTES, with_snapshots
from end_to_end.recorded import CAPTURE, run_source

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings
from memscope.analysis.retainertree import HOLDERS, RetainerTree, retainer_tree
from memscope.capture import Capture


def opened(directory: Path) -> Capture:
    path = directory / "app.mscope"
    path.write_bytes(writer.join(with_snapshots(loop(), 3), writer.VERSIONS))
    return memscope.load(path)


def tree_of(capture: Capture) -> RetainerTree:
    return retainer_tree(Holdings(Measures(capture)))


def hold_together(tree: RetainerTree) -> None:
    """No group is wider than the one above, and the lines come to all that is known of lines."""
    below = [0] * len(tree.groups)
    for place, group in enumerate(tree.groups):
        assert group.parent < place
        if group.parent >= 0:
            below[group.parent] += group.retained_bytes
    for group, narrower in zip(tree.groups, below, strict=True):
        assert narrower <= group.retained_bytes
    told = sum(made.bytes for made in tree.lines)
    assert told + tree.untold_bytes + tree.unknown_bytes == tree.groups[0].retained_bytes


def test_a_holder_has_what_it_retains_by_type(tmp_path: Path) -> None:
    tree = tree_of(opened(tmp_path))
    hold_together(tree)
    places = {group.way.path: place for place, group in enumerate(tree.groups) if not group.parent}
    cache = places["shop.cache"]
    of = tree.groups[cache]
    assert (of.objects, of.retained_bytes) == (1, LIST_BYTES + 3 * ITEM_BYTES)
    (held,) = [group for group in tree.groups if group.parent == cache]
    assert (held.objects, held.retained_bytes) == (3, 3 * ITEM_BYTES)
    assert held.way.path == "shop.cache[…]"


@pytest.mark.slow
def test_a_large_program_has_a_small_tree(tmp_path: Path) -> None:
    source = """
class Entry:
    def __init__(self, number):
        self.text = str(number)
        self.parts = [number, (number, self.text)]
chain = None
for number in range(100_000):
    chain = [chain, Entry(number)]
many = {f"v{n}": [Entry(n) for n in range(30)] for n in range(3000)}
globals().update(many)
"""
    run_source(tmp_path, source, "-q", "--snapshot")
    tree = tree_of(memscope.load(tmp_path / CAPTURE))
    hold_together(tree)
    holders = [group for group in tree.groups if group.parent == 0]
    chain = next(group for group in holders if group.way.path == "__main__.chain")
    assert chain.retained_objects >= 5 * 100_000
    assert len(holders) <= HOLDERS < tree.holders
    assert len(tree.groups) < 3000
