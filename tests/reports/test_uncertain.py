"""Bytes that may be another line's are told wherever live bytes of lines are, and only there."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from capture import captures
from capture.captures import KEPT, SCRATCH
from rich.console import Console

from memscope.analysis.calltree import call_tree
from memscope.analysis.compare import compare, read_run
from memscope.analysis.hotspots import find_hotspots
from memscope.analysis.measures import By, Measures
from memscope.analysis.summary import summarize
from memscope.analysis.types import TypesBy, find_types
from memscope.analysis.uncertain import Uncertain, uncertain_of
from memscope.capture import Capture
from memscope.exports.provenance import remarks
from memscope.exports.registry import find_exporter
from memscope.reports.documents import hotspots_document, tree_document
from memscope.reports.terminal.hotspots import print_hotspots
from memscope.reports.terminal.info import print_info
from memscope.reports.terminal.summary import print_summary
from memscope.reports.terminal.tree import print_tree
from memscope.reports.terminal.types import print_types
from memscope.reports.typedocuments import types_document

AT_END, AT_PEAK = 3 * 1024, 200 * 1024


@pytest.fixture
def unsure(tmp_path: Path) -> Capture:
    """Arrays of line 3 of which three are left, and whose lists are not known."""
    made = captures.loop()
    made.site(
        SCRATCH, size=1024, count=200, live=3, peak=200, domain="mem",
        uncertain_bytes=AT_END, uncertain_peak_bytes=AT_PEAK,
    )  # fmt: skip
    return captures.load(made, tmp_path)


def drawn(draw: Callable[[Console], None], width: int = 80) -> str:
    file = io.StringIO()
    draw(Console(file=file, width=width, highlight=False, markup=False, emoji=False))
    assert all(len(line.rstrip()) <= width for line in file.getvalue().splitlines()[:-1])
    return file.getvalue()


def hotspots(capture: Capture, by: By, width: int = 80) -> str:
    measures = Measures(capture)
    found, origins = find_hotspots(measures, by=by), measures.stacks.origins
    return drawn(lambda console: print_hotspots(console, found, capture, origins), width)


def tree(capture: Capture, by: By) -> str:
    measures = Measures(capture)
    found, origins = call_tree(measures, by=by), measures.stacks.origins
    return drawn(lambda console: print_tree(console, found, capture, origins))


def types(capture: Capture, by: TypesBy) -> str:
    measures = Measures(capture)
    found, origins = find_types(measures, by=by, by_line=True), measures.stacks.origins
    return drawn(lambda console: print_types(console, found, capture, origins))


LISTS = [hotspots, tree, types]


@pytest.mark.parametrize("listed", LISTS)
def test_lists_of_live_bytes_tell_them(
    unsure: Capture, listed: Callable[[Capture, By], str]
) -> None:
    for by, told in (("live_bytes", "3.0 KiB"), ("peak_bytes", "200 KiB")):
        text = listed(unsure, by)  # type: ignore[arg-type]
        assert text.count(f"up to {told} uncertain") == 1
        assert text.count("uncertain") == 1


@pytest.mark.parametrize("listed", LISTS)
def test_what_was_requested_is_certain(
    unsure: Capture, listed: Callable[[Capture, By], str]
) -> None:
    assert "uncertain" not in listed(unsure, "allocated_bytes")


def test_json_has_them_per_row(unsure: Capture) -> None:
    measures = Measures(unsure)
    listed = hotspots_document(find_hotspots(measures, by="live_bytes", limit=0), unsure)
    typed = types_document(find_types(measures, limit=0), unsure)
    for document in (listed, typed):
        rows = [(row["uncertain_bytes"], row["uncertain_peak_bytes"]) for row in document["rows"]]
        assert sorted(rows, reverse=True)[:2] == [(AT_END, AT_PEAK), (0, 0)]
    for by, expected in (("live_bytes", AT_END), ("peak_bytes", AT_PEAK), ("allocations", 0)):
        found = call_tree(measures, by=by)  # type: ignore[arg-type]
        assert tree_document(found, unsure)["uncertain_bytes"] == expected


@pytest.mark.parametrize("name", ["csv", "json"])
def test_tables_have_them_per_row(unsure: Capture, name: str) -> None:
    stream = io.BytesIO()
    find_exporter(name).write(unsure, stream, "allocated_bytes")
    text = stream.getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text))) if name == "csv" else json.loads(text)["rows"]
    told = [(int(row["uncertain_bytes"]), int(row["uncertain_peak_bytes"])) for row in rows]
    assert sorted(told, reverse=True)[:2] == [(AT_END, AT_PEAK), (0, 0)]


@pytest.mark.parametrize("width", [60, 80])
def test_the_summary_tells_them_beside_the_line(unsure: Capture, width: int) -> None:
    text = drawn(lambda console: print_summary(console, summarize(unsure)), width)
    assert text.count("up to 200 KiB uncertain") == 1
    made_peak = text.split("Made the peak")[1].split("Requested most")[0]
    assert "● <module>  app.py:3" in made_peak, "the place is whole"


def test_what_shows_no_single_rows_tells_the_sum(unsure: Capture) -> None:
    assert uncertain_of(unsure) == Uncertain(AT_END, AT_PEAK)
    run = read_run(unsure)
    places = [compare([run], [run]).warnings, remarks(unsure)]
    for told in places:
        assert "at the end, up to 3.0 KiB may be" in "".join(told)
        assert "at the peak, up to 200 KiB may be" in "".join(told)


def test_of_a_program_that_goes_on_there_is_no_end(
    unsure: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unsure.end is not None
    monkeypatch.setattr(unsure.end.__class__, "is_interim", True)
    assert "Of the bytes live then, up to 3.0 KiB may be" in "".join(remarks(unsure))


def test_what_would_not_be_seen_is_told_in_info_alone(tmp_path: Path) -> None:
    made = captures.loop()
    made.site(KEPT, size=4096, count=100, live=100)
    made.site(SCRATCH, size=64, count=1, live=1, domain="mem", uncertain_peak_bytes=64)
    capture = captures.load(made, tmp_path)
    assert remarks(capture) == ()
    text = drawn(lambda console: print_info(console, capture))
    assert "at the peak, up to 64 B may be" in " ".join(text.split())
