"""Limits: each has a unit and an origin, is asked for, and is nowhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from advice.handmade import context_of, rows_of_dictionaries

from memscope.advice import policy
from memscope.advice.kinds.compact import compact
from memscope.advice.policy import Amount, Compact, Count, Origin, limits

ADVICE = Path(policy.__file__).parent
SOURCES = {path: path.read_text("utf-8") for path in sorted(ADVICE.rglob("*.py"))}
KINDS = {path: text for path, text in SOURCES.items() if "kinds" in path.parts}
# A limit of a kind by the way it is called; what CPython or a library is made like is none.
NAMED = re.compile(r"^_?(?:LEAST|MOST|MANY)_\w+(?:: \w+)? = [\d(]|^\w+_SHARE = ", re.MULTILINE)
NO_LIMITS = {"_MOST_FRAMES", "_MOST_BASES", "LEAST_BODY_CLASS", "MOST_BODY_CLASS", "LEAST_KEPT"}


def test_each_says_what_it_is() -> None:
    found = list(limits())
    assert len({limit.name for _, _, limit in found}) == len(found) > 100
    for _, name, limit in found:
        assert limit.name.endswith(f".{name}")
        assert limit.unit, limit.name
        assert limit.origin in get_args(Origin)
        assert limit.meaning, limit.name


def test_none_is_left_out() -> None:
    groups = [each for each in vars(policy).values() if isinstance(each, type)]
    own = {
        limit.name
        for group in groups
        for limit in vars(group).values()
        if isinstance(limit, Amount | Count)
    }
    assert own == {limit.name for _, _, limit in limits()}


def test_each_is_asked_for() -> None:
    text = "\n".join(text for path, text in SOURCES.items() if path.name != "policy.py")
    unused = [
        f"{group.__name__}.{name}"
        for group, name, _ in limits()
        if f"{group.__name__}.{name}" not in text
    ]
    assert not unused


def test_no_kind_has_one_of_its_own() -> None:
    own = {
        f"{path.name}: {found[0]}"
        for path, text in KINDS.items()
        for found in NAMED.finditer(text)
        if not any(name in found[0] for name in NO_LIMITS)
    }
    assert not own


def test_a_limit_is_the_number_itself() -> None:
    assert isinstance(Compact.least_rows, Count)
    assert Compact.least_rows == 10_000
    assert isinstance(Compact.least_peak_share, Amount)
    assert Compact.least_peak_share * 100 == 5


def test_a_verdict_follows_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = context_of(rows_of_dictionaries(50_000), tmp_path)
    assert compact.find(context).advice
    monkeypatch.setattr(Compact, "least_rows", Count(50_001, "objects", "chosen", "for this test"))
    assert not compact.find(context).advice
