"""What kinds of advice declare, and where that is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.console import call

from memscope.advice.registry import BUILT_IN, kinds, precedence_of, title_of

DOCUMENT = (Path(__file__).parents[2] / "docs" / "advice.md").read_text(encoding="utf-8")


def test_no_two_kinds_claim_the_same_precedence() -> None:
    ranks = [precedence_of(kind) for kind in BUILT_IN]
    assert len(ranks) >= 11
    assert len(set(ranks)) == len(ranks)
    # A kind of another package comes after all of ours, and is shown by its name alone.
    assert precedence_of("tea") > max(ranks)
    assert title_of("tea") == ""


@pytest.mark.parametrize("kind", BUILT_IN)
def test_each_kind_has_a_title_and_is_described(kind: str) -> None:
    assert title_of(kind)
    assert f"| `{kind}` |" in DOCUMENT
    assert kind in kinds()


def test_help_names_each_kind() -> None:
    shown = "".join(call("advise", "--help").stdout.split())
    assert ",".join(BUILT_IN) in shown
