"""Types of blocks in the formats that have room for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from capture.writer import CaptureWriter
from exports.conftest import Export
from exports.openers import read_csv, read_pprof

LINE = [("<module>", "/home/me/app.py", 5)]


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    made = CaptureWriter(format=2, objects=True)
    order = ("shop.models", "=Order", "object")
    made.site(LINE, size=48, count=4, live=2, type=order)
    made.site(
        LINE, size=64, count=0, peak=3, type=("builtins", "dict", "object"),
        reused=3, taken_in=3, taken_in_bytes=192,
    )  # fmt: skip
    made.site(LINE, size=96, count=1)
    path = tmp_path / "orders.mscope"
    path.write_bytes(made.build())
    return path


def test_pprof_has_a_label_for_the_type(export: Export, orders: Path) -> None:
    profile = read_pprof(export("pprof", orders))
    text = profile.string_table
    live = [text[kind.type] for kind in profile.sample_type].index("inuse_objects")
    types = {
        next((text[label.str] for label in sample.label if text[label.key] == "type"), None):
            sample.value[live]
        for sample in profile.sample
    }  # fmt: skip
    assert types == {"shop.models.=Order": 2, "dict": 3, None: 1}


def test_csv_has_a_column_for_the_type(export: Export, orders: Path) -> None:
    rows = read_csv(export("csv", orders))
    assert [(row["type"], row["reused"], row["live_blocks"]) for row in rows] == [
        ("shop.models.=Order", "0", "2"), ("dict", "3", "3"), ("", "0", "1"),
    ]  # fmt: skip


def test_json_has_the_type_of_each_row(export: Export, orders: Path) -> None:
    rows = json.loads(export("json", orders).read_bytes())["rows"]
    assert [row["type"] for row in rows] == [
        {"module": "shop.models", "name": "=Order", "kind": "object"},
        {"module": "builtins", "name": "dict", "kind": "object"},
        None,
    ]
    assert [row["reused"] for row in rows] == [0, 3, 0]


@pytest.mark.parametrize("name", ["pprof", "csv", "json"])
def test_redacted_exports_name_no_type_of_the_program(
    export: Export, orders: Path, name: str
) -> None:
    written = export(name, orders, "--redact")
    text = str(read_pprof(written)) if name == "pprof" else written.read_text()
    assert "dict" in text
    assert "Order" not in text
    assert "shop" not in text
