"""The sample apps print the same before and after, and memscope finds what each is about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from end_to_end.side_by_side import Bench

APPS = Path(__file__).parents[2] / "sample_apps"
LESSONS = sorted(path.parent.name for path in APPS.glob("*/expected.json"))


def record(bench: Bench, lesson: str, version: str) -> tuple[bytes, dict[str, Any]]:
    ran = bench.recorded(str(APPS / lesson / version))
    assert (ran.status, ran.stderr) == (0, b"")
    return ran.stdout, bench.json("summary")["totals"]


def test_there_are_lessons() -> None:
    assert len(LESSONS) >= 3
    for lesson in LESSONS:
        files = {path.name for path in (APPS / lesson).iterdir() if path.is_file()}
        assert {"before.py", "after.py", "README.md", "expected.json"} <= files
        assert f"[{lesson}]({lesson}/)" in (APPS / "README.md").read_text()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson(bench: Bench, lesson: str) -> None:
    expected = json.loads((APPS / lesson / "expected.json").read_text())
    by = expected["by"]
    result, before = record(bench, lesson, "before.py")
    site = expected["before"]
    top = bench.json("hotspots", "--group", "line", "--by", by, "-n", "1")["rows"][0]
    assert Path(top["file"]).name == site["file"]
    assert (top["function"], top["line"]) == (site["function"], site["line"])
    assert top["share"] >= site["share"]

    improved, after = record(bench, lesson, "after.py")
    assert improved == result
    assert after[by] <= expected["after"][f"{by}_at_most"]
    assert after[by] <= before[by] * expected["after"]["of_before_at_most"]
