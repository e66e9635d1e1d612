"""What survives in arenas is told from what lived long, and not from what was first seen to die."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from memscope.advice.kinds.arena_pinning import Outlived
from memscope.capture.model import BlockType


def context(types: Sequence[str], sizes: Sequence[int], old: Sequence[int]) -> Any:
    """Rows of one line: their types and sizes, and how many of their blocks lived long."""
    rows = SimpleNamespace(
        stack=array("I", [1] * len(types)),
        domain=array("B", [2] * len(types)),
        size_class=array("H", sizes),
    )
    return SimpleNamespace(
        capture=SimpleNamespace(tables=SimpleNamespace(rows=rows)),
        rows=SimpleNamespace(released_after=lambda first, until: old),
        measures=SimpleNamespace(live_blocks=[0] * len(types)),
        objects=SimpleNamespace(
            of=lambda row: BlockType(module="builtins", name=types[row], kind="object")
        ),
    )


def test_a_passing_tuple_gives_its_type_to_no_text_that_stays() -> None:
    outlived = Outlived(context(["tuple", "str"], [4, 4], [0, 750]))
    assert dict(outlived.types_of(0)) == {"tuple": 0.0, "str": 1.0}


def test_blocks_of_another_size_say_nothing() -> None:
    outlived = Outlived(context(["tuple", "str"], [4, 5], [0, 750]))
    assert dict(outlived.types_of(0)) == {"tuple": 1.0}


def test_several_types_share() -> None:
    outlived = Outlived(context(["tuple", "str", "float"], [4, 4, 4], [30, 60, 10]))
    assert dict(outlived.types_of(2)) == {"tuple": 0.3, "str": 0.6, "float": 0.1}
