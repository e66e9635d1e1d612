"""Tables that are read whole to be summed up, and tables that are held twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from advice.handmade import advised
from capture.writer import PYTHON, CaptureWriter

PANDAS = f"{PYTHON}/site-packages/pandas/io/parsers.py"
PARSER = f"{PYTHON}/site-packages/pandas/_libs/pandas_parser.so"
MIB = 1 << 20
DOMAINS = ["raw", "mem", "obj", "native", "mapped"]

READ = """
import pandas as pd

def total():
    frame = pd.read_csv("big.csv"{options})
    {rest}

total()
"""
COPIED = """
import numpy as np
import pandas as pd

def prepare(given):
    frame = {made}
    {between}
    clean = frame.copy()
    clean["c"] = 1
    {rest}

prepare({{}})
"""


def kinds(
    tmp_path: Path, source: str, held: dict[str, int], domain: str = "native"
) -> list[dict[str, Any]]:
    """What is advised of a program whose lines, by a part of each, hold so much at the peak."""
    program = tmp_path / "app.py"
    program.write_text(source)
    lines = source.splitlines()
    writer = CaptureWriter(
        cwd=str(tmp_path), main=str(program), started=4_000_000_000.0, domains=DOMAINS
    )
    writer.site([("<module>", str(program), len(lines))], size=MIB, count=4, live=4)
    for part, size in held.items():
        number = next(n for n, line in enumerate(lines, 1) if part in line)
        stack = [
            ("<module>", str(program), len(lines)),
            ("work", str(program), number),
            ("read", PANDAS, 10),
            ("parse", PARSER, 0),
        ]
        writer.site(stack, size=size, count=1, live=0, peak=1, domain=domain)
    document = advised(writer, tmp_path, "-n", "0")
    return [item for item in document["advice"] if item["kind"].startswith("native-")]


@pytest.mark.parametrize(
    "rest",
    [
        'return frame["a"].sum(), len(frame)',
        "return frame['a'].min(), frame['b'].max(), frame['c'].count()",
    ],
)
def test_a_table_of_which_only_sums_are_used(tmp_path: Path, rest: str) -> None:
    source = READ.format(options=', sep=";"', rest=rest)
    (found,) = kinds(tmp_path, source, {"read_csv": 40 * MIB})
    assert (found["kind"], found["site"]["line"]) == ("native-chunk", 5)
    assert "pd.read_csv('big.csv', sep=';', chunksize=10_000)" in found["fix"]["code"]
    assert 0 < found["predicted"]["peak_bytes"]["value"] < 40 * MIB


@pytest.mark.parametrize(
    ("options", "rest"),
    [
        ("", "return frame"),
        ("", 'return frame["a"].median()'),
        ("", 'return frame["a"].sum(), frame.sort_values("a")'),
        ("", "other(frame)"),
        ("", 'return frame["a"].sum(skipna=False)'),
        (", chunksize=10", "return sum(len(part) for part in frame)"),
        (", nrows=1000", 'return frame["a"].sum()'),
        (", **words", 'return frame["a"].sum()'),
        ("", 'frame = frame["a"].sum()'),
    ],
)
def test_a_table_that_may_be_needed_whole(tmp_path: Path, options: str, rest: str) -> None:
    source = READ.format(options=options, rest=rest)
    assert kinds(tmp_path, source, {"read_csv": 40 * MIB}) == []


def test_what_is_only_mapped_is_no_table(tmp_path: Path) -> None:
    source = READ.format(options="", rest='return frame["a"].sum()')
    assert kinds(tmp_path, source, {"read_csv": 40 * MIB}, "mapped") == []


MADE = {"frame = ": 40 * MIB, "frame.copy()": 40 * MIB}


@pytest.mark.parametrize(
    "made", ['pd.read_csv("big.csv")', 'pd.DataFrame({"a": np.arange(9)})', "np.zeros(100)"]
)
def test_a_table_that_is_held_twice(tmp_path: Path, made: str) -> None:
    source = COPIED.format(made=made, between="", rest="return clean")
    (found,) = kinds(tmp_path, source, MADE)
    assert (found["kind"], found["site"]["line"]) == ("native-copy", 8)
    assert found["fix"]["code"] == "clean = frame"
    assert found["predicted"]["peak_bytes"]["value"] == pytest.approx(40 * MIB, rel=0.1)


@pytest.mark.parametrize(
    ("made", "between", "rest"),
    [
        ('pd.read_csv("big.csv")', "", "return clean, frame"),
        ('pd.read_csv("big.csv")', 'column = frame["a"]', "return clean"),
        ('pd.read_csv("big.csv")', "frame = other(1)", "return clean"),
        ("given", "", "return clean"),
        ("np.asarray(given)", "", "return clean"),
        ("pd.DataFrame(given)", "", "return clean"),
        ("load()", "", "return clean"),
    ],
)
def test_a_copy_that_somebody_may_need(tmp_path: Path, made: str, between: str, rest: str) -> None:
    source = COPIED.format(made=made, between=between, rest=rest)
    assert kinds(tmp_path, source, MADE) == []


def test_a_copy_whose_first_is_gone_at_the_peak(tmp_path: Path) -> None:
    source = COPIED.format(made='pd.read_csv("big.csv")', between="", rest="return clean")
    assert kinds(tmp_path, source, {"frame = ": MIB, "frame.copy()": 40 * MIB}) == []
