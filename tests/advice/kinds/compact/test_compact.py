"""Very many small objects, on captures made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from advice.handmade import APP, advised, rows_of_dictionaries


def test_dictionaries_are_told_without_the_source(tmp_path: Path) -> None:
    document = advised(rows_of_dictionaries(50_000), tmp_path)
    assert document["schema"] == "memscope.advise/1"
    [advice] = document["advice"]
    assert advice["kind"] == "compact"
    assert advice["site"] == {"file": APP, "line": 7, "function": "load"}
    assert [frame["line"] for frame in advice["stack"]] == [20, 7]
    assert advice["evidence"]["rows"] == 50_000
    assert advice["evidence"]["bytes_each"] == 248
    saving = advice["predicted"]["peak_bytes"]
    # With slots for five fields a row takes 80 bytes instead of 248.
    assert saving["value"] == pytest.approx(50_000 * (248 - 80))
    assert saving["low"] <= saving["value"] <= saving["high"]
    assert set(advice) >= {"summary", "cost", "confidence", "fix", "verify"}
    assert 0 < advice["confidence"] < 0.9
    assert set(advice["fix"]) == {"text", "code", "patch", "patch_folder", "no_patch"}


def test_a_few_thousand_rows_are_left_alone(tmp_path: Path) -> None:
    document = advised(rows_of_dictionaries(5_000), tmp_path)
    assert document["advice"] == []
