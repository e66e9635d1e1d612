"""`memscope advise --explain N`: the facts that an advice rests on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from advice.handmade import rows_of_dictionaries
from cli.console import call


@pytest.fixture
def heavy(tmp_path: Path) -> Path:
    path = tmp_path / "heavy.mscope"
    path.write_bytes(rows_of_dictionaries(50_000).build())
    return path


def test_each_fact_has_its_value_its_limit_and_its_source(heavy: Path) -> None:
    done = call("advise", "--no-calibration", "--explain", "1", heavy, env={"COLUMNS": "80"})
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["·", "50k", "objects", "dictionaries", "at", "the", "peak", "at", "least", "10k",
            "measured"] in lines  # fmt: skip
    assert ["80", "B", "of", "each,", "in", "the", "other", "shape", "modelled"] in lines
    table = done.stdout.partition("prove")[2].splitlines()[1:]  # commands are not broken
    assert max(map(len, table)) <= 80
    assert "· The verdict rests on these" in done.stdout
    assert "measured: counted or timed" in done.stdout
    assert "read: from" not in done.stdout  # there is no source


def test_json_has_the_one_that_is_explained(heavy: Path) -> None:
    done = call("advise", "--no-calibration", "--explain", "1", "--json", heavy)
    (advice,) = json.loads(done.stdout)["advice"]
    assert advice["number"] == 1
    facts = {fact["name"]: fact for fact in advice["evidence"]["facts"]}
    rows = facts["rows"]
    assert (rows["value"], rows["unit"], rows["source"]) == (50_000, "objects", "measured")
    assert (rows["least"], rows["limit"], rows["decides"]) == (10_000, "compact.least_rows", True)
    assert facts["bytes_each_after"]["source"] == "modelled"
    assert not facts["bytes_each_after"]["decides"]
    assert facts["saved_peak_bytes"]["value"] == advice["predicted"]["peak_bytes"]["low"]


@pytest.mark.parametrize(
    ("number", "status", "told"),
    [
        ("2", 1, "heavy.mscope: there is advice 1 to 1, and none of number 2"),
        ("0", 2, "Invalid value for '--explain'"),
        ("x", 2, "Invalid value for '--explain'"),
    ],
)
def test_a_number_that_is_not_there(heavy: Path, number: str, status: int, told: str) -> None:
    done = call("advise", "--no-calibration", "--explain", number, heavy)
    assert done.returncode == status
    assert told in done.stderr
    assert done.stdout == ""


def test_no_advice_has_no_number(heavy: Path) -> None:
    done = call("advise", "--no-calibration", "--kind", "leak", "--explain", "1", heavy)
    assert done.returncode == 1
    assert "there is no advice, and none of number 1" in done.stderr
