"""Holders of two captures: found again by their place, whatever else changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from capture import writer
from capture.captures import load, loop
from capture.graphs import ITEM_BYTES, with_snapshots
from end_to_end.recorded import CAPTURE, run_source

SERVICE = """
class Entry:
    def __init__(self, number):
        self.text = "entry %d" % number
class Service:
    def __init__(self, count):
        self.cache = {number: Entry(number) for number in range(count)}
service = Service(COUNT)
EXTRA
"""


def compared(directory: Path, *captures: str) -> tuple[Any, str]:
    words = [sys.executable, "-m", "memscope", "compare", *captures]
    said = [
        subprocess.run([*words, *more], cwd=directory, capture_output=True, text=True, check=True)
        for more in (["--json"], [])
    ]
    return json.loads(said[0].stdout), said[1].stdout


def test_what_one_holds_more_is_told_with_its_way(tmp_path: Path) -> None:
    for name, items in (("old", 3), ("new", 9)):
        frames = writer.join(with_snapshots(loop(), items), writer.VERSIONS)
        (tmp_path / f"{name}.mscope").write_bytes(frames)
    document, shown = compared(tmp_path, "old.mscope", "new.mscope")
    (row,) = document["holders"]["rows"]
    assert (row["path"], row["delta"]) == ("shop.cache", 6 * ITEM_BYTES)
    assert (row["old_objects"], row["new_objects"]) == (1 + 3, 1 + 9)
    places = [shown.index(part) for part in ("at end", "shop.cache", "allocated by line")]
    assert places == sorted(places)
    back, _ = compared(tmp_path, "new.mscope", "old.mscope")
    assert [of["delta"] for of in back["holders"]["rows"]] == [-6 * ITEM_BYTES]


def test_without_a_snapshot_on_both_sides_nothing_is_said_of_holders(tmp_path: Path) -> None:
    load(loop(), tmp_path, "old.mscope")
    frames = writer.join(with_snapshots(loop(), 3), writer.VERSIONS)
    (tmp_path / "new.mscope").write_bytes(frames)
    document, shown = compared(tmp_path, "old.mscope", "new.mscope")
    assert document["holders"] is None
    assert "holder" not in shown


def test_of_two_runs_what_grew_is_new_or_gone_is_named(tmp_path: Path) -> None:
    extras = {
        "old": "was = [str(n) for n in range(9000, 12_000)]",
        "new": "now = bytearray(200_000)",
    }
    for name, count in (("old", 2000), ("new", 5000)):
        source = SERVICE.replace("COUNT", str(count)).replace("EXTRA", extras[name])
        run_source(tmp_path, source, "-q", "--snapshot")
        (tmp_path / CAPTURE).rename(tmp_path / f"{name}.mscope")
    document, _ = compared(tmp_path, "old.mscope", "new.mscope")
    rows = {row["path"]: row for row in document["holders"]["rows"]}
    grown = rows["__main__.service.cache"]
    assert 2.3 < grown["new_bytes"] / grown["old_bytes"] < 2.7
    assert rows["__main__.was"]["new_bytes"] == rows["__main__.now"]["old_bytes"] == 0
    assert rows["__main__.now"]["new_bytes"] == sys.getsizeof(bytearray(200_000))
