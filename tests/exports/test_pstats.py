"""pstats files, read by the standard library's reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cli.console import call
from exports.conftest import Export
from exports.openers import read_pstats
from golden.make import APP, GOLDEN, MEASURES

from memscope.analysis.measures import BYS

MODULE = (APP, 1, "<module>")
RUN = (APP, 1, "run")
WALK = (APP, 1, "walk")
VISIT = (APP, 1, "visit")
GROW = (MEASURES, 1, "Maß.wachse")


@pytest.fixture
def stats(export: Export) -> Any:
    return read_pstats(export("pstats")).stats


def test_functions(stats: Any) -> None:
    calls, same, own, inclusive, callers = stats[GROW]
    assert (calls, same, own, inclusive) == (105, 105, 204_800, 204_800)
    assert callers == {RUN: (105, 105, 204_800, 204_800)}
    assert stats["", 0, "<no Python frame>"] == (7, 7, 168, 168, {})


def test_recursion_counts_once(stats: Any) -> None:
    """walk > visit > walk > visit > walk, walk > visit, and walk alone, all called by run."""
    _, _, own, inclusive, callers = stats[WALK]
    assert own == 50 * 33 + 7 * 17
    assert inclusive == 50 * 33 + 7 * 16 + 7 * 17
    assert callers[RUN][3] == inclusive
    assert callers[VISIT][3] == 50 * 33, "two edges from visit on one stack weigh once"
    assert stats[VISIT][4].keys() == {WALK}
    assert stats[VISIT][3] == 50 * 33 + 7 * 16


def test_a_function_that_calls_itself(stats: Any) -> None:
    assert stats[RUN][3] == stats[MODULE][3] - sum(
        entry[4][MODULE][3] for key, entry in stats.items() if key != RUN and MODULE in entry[4]
    )
    assert stats[RUN][4][RUN][3] == 480


@pytest.mark.parametrize("by", BYS)
def test_every_measure(export: Export, by: str) -> None:
    total = json.loads(call("hotspots", GOLDEN, "--json", "--by", by).stdout)["total"]
    stats = read_pstats(export("pstats", GOLDEN, "--by", by))
    assert stats.total_tt == total
    assert max(entry[3] for entry in stats.stats.values()) <= total


def test_says_that_it_holds_edges_only(export: Export, stats: Any) -> None:
    (label,) = [name for file, _, name in stats if file == "~"]
    assert "times are bytes allocated" in label
    assert "callers are edges, not stacks" in label
    assert "exact" in label


def test_prints(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    read_pstats(export("pstats")).sort_stats("cumtime").print_stats().print_callers()
    printed = capsys.readouterr().out
    assert "Maß.wachse" in printed
    assert "\x1b" not in printed
