"""What kinds of advice declare, and where that is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.handmade import context_of, rows_of_dictionaries
from cli.console import call

from memscope.advice.advise import advise
from memscope.advice.context import Context
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.advice.model import Findings
from memscope.advice.registry import BUILT_IN, kinds, precedence_of, title_of
from memscope.plain import replace

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


def test_a_kind_that_fails_takes_nothing_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(context: Context) -> Findings:
        raise IndexError("list index out of range")

    monkeypatch.setitem(BUILT_IN, "leak", replace(BUILT_IN["leak"], find=broken))  # type: ignore[arg-type]
    context = context_of(rows_of_dictionaries(50_000), tmp_path)
    found = advise(context.measures, DEFAULT_COSTS)
    assert [item.kind for item in found.advice] == ["compact"]
    assert "leak failed: IndexError: list index out of range" in found.notes
