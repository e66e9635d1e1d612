"""No advice rests on bytes that may be of objects which another line made."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.handmade import APP
from capture.writer import CaptureWriter

from memscope.advice.advise import advise
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.advice.model import Advised
from memscope.analysis.measures import Measures
from memscope.capture import load

DICT, KEYS = ("builtins", "dict", "object"), ("builtins", "dict", "keys")
COUNT = 50_000


def advised(tmp_path: Path, *, told: bool = True, uncertain_each: int = 0) -> Advised:
    """50,000 dictionaries of line 7 at the peak; of each so many bytes may be another line's."""
    made = CaptureWriter(format=2, objects=True)
    stack = [("main", APP, 20), ("load", APP, 7)]
    made.site(stack, size=64, count=COUNT, live=0, peak=COUNT, type=DICT)
    made.site(
        stack, size=184, count=COUNT, live=0, peak=COUNT, type=KEYS,
        uncertain_peak_bytes=COUNT * uncertain_each,
    )  # fmt: skip
    made.site([("main", APP, 21)], size=100_000, count=1)
    made.end["objects"] = {"creations_told": told, "types_of_live": "asked"}
    path = tmp_path / "app.mscope"
    path.write_bytes(made.build())
    return advise(Measures(load(path)), DEFAULT_COSTS)


def test_what_is_certain_is_advised(tmp_path: Path) -> None:
    (advice,) = advised(tmp_path).advice
    assert (advice.kind, advice.site.line) == ("compact", 7)
    assert "another line" not in advice.modelled


def test_tables_that_were_gone_before_the_end_are_said_and_count(tmp_path: Path) -> None:
    (certain,) = advised(tmp_path).advice
    (advice,) = advised(tmp_path, uncertain_each=184).advice
    assert "up to 8.8 MiB may be of objects that another line made" in advice.modelled
    assert advice.predicted == certain.predicted


def test_of_what_is_not_certain_nothing_counts_as_low(tmp_path: Path) -> None:
    (certain,) = advised(tmp_path).advice
    (advice,) = advised(tmp_path, told=False, uncertain_each=62).advice
    low, high = advice.predicted["peak_bytes"].low, advice.predicted["peak_bytes"].high
    assert low == pytest.approx(certain.predicted["peak_bytes"].low * 0.75)
    assert high == certain.predicted["peak_bytes"].high


def test_what_does_not_pay_for_certain_is_listed_with_the_reason(tmp_path: Path) -> None:
    found = advised(tmp_path, told=False, uncertain_each=248)
    assert found.advice == ()
    (rejected,) = [it for it in found.rejected if it.site is not None and it.site.line == 7]
    assert rejected.kind == "compact"
    assert rejected.reason.startswith("it is not certain: up to 12 MiB may be of objects")
