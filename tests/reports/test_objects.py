"""Reports of captures that tell of objects: each says of what and of which line a figure is."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from capture import captures
from capture.captures import KEPT, KEYS
from capture.writer import CaptureWriter
from rich.cells import cell_len
from rich.console import Console

from memscope.analysis.calltree import call_tree
from memscope.analysis.compare import Comparison, compare, read_run
from memscope.analysis.hotspots import find_hotspots
from memscope.analysis.measures import By, Measures
from memscope.analysis.summary import summarize
from memscope.capture import Capture
from memscope.reports.comparisons import compare_document
from memscope.reports.contents import info_document
from memscope.reports.summarydocuments import summary_document
from memscope.reports.terminal.compare import print_comparison
from memscope.reports.terminal.hotspots import print_hotspots
from memscope.reports.terminal.info import print_info
from memscope.reports.terminal.summary import print_summary
from memscope.reports.terminal.tree import print_tree


@pytest.fixture
def loop(tmp_path: Path) -> Capture:
    return captures.load(captures.loop(), tmp_path)


def drawn(draw: Callable[[Console], None], width: int = 80) -> str:
    file = io.StringIO()
    draw(Console(file=file, width=width, highlight=False, markup=False, emoji=False))
    text = file.getvalue()
    for line in text.splitlines():
        assert line.startswith("next ") or cell_len(line.rstrip()) <= width, line
    return text


def hotspots(capture: Capture, by: By, width: int = 80) -> str:
    measures = Measures(capture)
    found = find_hotspots(measures, by=by)
    origins = measures.stacks.origins
    return drawn(lambda console: print_hotspots(console, found, capture, origins), width)


def grown(tmp_path: Path) -> Comparison:
    made = captures.loop()
    made.site(KEPT, size=96, count=20, live=20, domain="mem", type=KEYS)
    made.site(KEPT, size=32, count=1, live=1, type=("shop.models", "Basket", "object"))
    runs = []
    for name, writer in (("old.mscope", captures.loop()), ("new.mscope", made)):
        with captures.load(writer, tmp_path, name) as capture:
            runs.append(read_run(capture))
    return compare(runs[:1], runs[1:], by="live_bytes")


@pytest.mark.parametrize(
    ("width", "types"),
    [
        (80, "types     keys of dict 53%, dict 35%, shop.models.Shop.Order 6%\n"),
        (50, "types     keys of dict 53%, dict 35%\n"),
        (30, "types     keys of dict 53%\n"),
    ],
)
def test_the_summary_says_what_the_peak_consists_of(loop: Capture, width: int, types: str) -> None:
    text = drawn(lambda console: print_summary(console, summarize(loop)), width)
    assert types in text
    assert "Requested most" in text


def test_the_summary_with_types_fits_one_screen(tmp_path: Path) -> None:
    made = captures.loop()
    for line in range(100, 120):
        made.site([("f", captures.APP, line)], size=500, count=line, peak=line)
    capture = captures.load(made, tmp_path)
    text = drawn(lambda console: print_summary(console, summarize(capture)))
    assert len(text.splitlines()) <= 23, "24 with the prompt"


def test_without_objects_nothing_is_said_of_types(tmp_path: Path) -> None:
    capture = captures.load(captures.shop(), tmp_path)
    text = drawn(lambda console: print_summary(console, summarize(capture)))
    assert "\ntypes" not in text
    assert "Allocated most" in text
    assert summary_document(summarize(capture))["types"] is None
    assert "bytes live at the peak by line:" in hotspots(capture, "peak_bytes")


def test_the_summary_document_has_types(loop: Capture) -> None:
    document = summary_document(summarize(loop))
    assert document["capture"]["objects"] is True
    heaviest, second = document["types"][:2]
    assert (heaviest["name"], heaviest["kind"], heaviest["peak_bytes"]) == ("dict", "keys", 864)
    assert (second["kind"], second["reused"], second["created"]) == ("object", 9, 19)


@pytest.mark.parametrize("width", [50, 80])
@pytest.mark.parametrize(
    ("by", "heading"),
    [
        ("allocated_bytes", "bytes requested by line: "),
        ("allocations", "allocations requested by line: "),
        ("peak_bytes", "bytes live at the peak by line that made them: "),
        ("live_bytes", "bytes live at the end by line that made them: "),
    ],
)
def test_hotspots_say_which_line_is_meant(loop: Capture, by: By, heading: str, width: int) -> None:
    assert heading in hotspots(loop, by, width).replace("\n", " ")


@pytest.mark.parametrize(
    ("by", "heading"),
    [
        ("live_bytes", "bytes live at the end by call that made them: "),
        ("allocated_bytes", "bytes requested by call: "),
    ],
)
def test_the_tree_says_which_line_is_meant(loop: Capture, by: By, heading: str) -> None:
    measures = Measures(loop)
    tree = call_tree(measures, by=by)
    origins = measures.stacks.origins
    assert heading in drawn(lambda console: print_tree(console, tree, loop, origins))


def test_info_says_whether_objects_were_recorded_and_what_is_not_known(tmp_path: Path) -> None:
    made = captures.loop()
    made.end["objects"] = {"types_of_live": "not asked", "why": "killed", "types_lost": 1234}
    capture = captures.load(made, tmp_path)
    text = " ".join(drawn(lambda console: print_info(console, capture)).split())
    assert "objects recorded" in text
    assert "not asked at its end what its live blocks are (killed)" in text
    assert "1,234 types found no room in the table" in text
    assert "some lines are uncertain" in text
    objects = info_document(capture)["objects"]
    assert (objects["recorded"], objects["why"], objects["types_lost"]) == (True, "killed", 1234)
    assert info_document(capture)["tables"]["types"] == 4


def test_info_of_a_capture_without_objects(tmp_path: Path) -> None:
    capture = captures.load(captures.shop(), tmp_path)
    text = drawn(lambda console: print_info(console, capture))
    assert "not recorded: lines are those that allocated" in text
    assert info_document(capture)["objects"]["recorded"] is False


@pytest.mark.parametrize("width", [50, 80])
def test_a_comparison_says_which_types_grew(tmp_path: Path, width: int) -> None:
    found = grown(tmp_path)
    text = drawn(lambda console: print_comparison(console, found), width)
    assert "at end by type: 2 of 2 that changed" in text
    of_types = text.partition("by type")[2].splitlines()
    assert of_types[3].split()[:4] == ["864", "B", "2.7", "KiB"]
    assert "keys of" in of_types[3]
    assert "new" in of_types[4]


def test_the_comparison_document_has_types(tmp_path: Path) -> None:
    keys, basket = compare_document(grown(tmp_path))["types"]
    assert keys["type"] == {"module": "builtins", "name": "dict", "kind": "keys"}
    assert (keys["status"], keys["old"], keys["new"], keys["delta"]) == ("both", 864, 2784, 1920)
    assert keys["measures"]["live_blocks"] == {"old": 9, "new": 29, "delta": 20}
    assert (basket["type"]["name"], basket["status"]) == ("Basket", "added")


def test_captures_with_and_without_objects_are_not_compared_in_silence(tmp_path: Path) -> None:
    runs = []
    for writer in (CaptureWriter(), captures.loop()):
        with captures.load(writer, tmp_path) as capture:
            runs.append(read_run(capture))
    found = compare(runs[:1], runs[1:])
    assert found.types is None
    assert compare_document(found)["types"] is None
    assert any("some captures tell of objects" in warning for warning in found.warnings)
