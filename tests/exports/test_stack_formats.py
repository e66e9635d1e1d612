"""speedscope, collapsed and svg: whole stacks, with one weight or several."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from capture.writer import CaptureWriter
from cli.console import call
from exports.conftest import Export
from exports.openers import FLAMEGRAPH_LINE, SVG, read_speedscope
from golden.make import APP, GOLDEN, MAIN, MEASURES, RUN

from memscope.analysis.measures import BYS

GROW_STACK = ("<module>", "run", "Maß.wachse")


def hotspots_total(by: str) -> int:
    document = json.loads(call("hotspots", GOLDEN, "--json", "--by", by).stdout)
    total: int = document["total"]
    return total


def test_speedscope(export: Export) -> None:
    document = read_speedscope(export("speedscope"))
    assert re.fullmatch(r"memscope@[\d.]+", document["exporter"])
    assert "app.py --name" in document["name"]
    frames = document["shared"]["frames"]
    assert {"name": "Maß.wachse", "file": MEASURES, "line": 12} in frames
    assert {"name": "<no Python frame>"} in frames
    allocated = document["profiles"][0]
    assert (allocated["name"], allocated["unit"]) == ("allocated bytes", "bytes")
    weights = {
        tuple(frames[number]["name"] for number in stack): weight
        for stack, weight in zip(allocated["samples"], allocated["weights"], strict=True)
    }
    assert weights[GROW_STACK] == 204_800
    assert weights["<module>", "run", "walk", "visit", "walk", "visit", "walk"] == 50 * 33
    for profile in document["profiles"]:
        assert profile["startValue"] == 0
        assert profile["endValue"] == sum(profile["weights"])
        assert all(weight > 0 for weight in profile["weights"])


def test_speedscope_says_what_it_is_of(export: Export, tmp_path: Path) -> None:
    made = CaptureWriter(mode="sampled", sample_bytes=4096)
    made.site([MAIN, RUN], size=40)
    capture = tmp_path / "sampled.mscope"
    capture.write_bytes(made.build())
    document = read_speedscope(export("speedscope", capture))
    assert "sampled each 4,096 bytes on average" in document["name"]
    assert document["profiles"][0]["name"] == "allocated bytes (estimates)"


@pytest.mark.parametrize("by", BYS)
def test_collapsed(export: Export, by: str) -> None:
    text = export("collapsed", GOLDEN, "--by", by).read_text(encoding="utf-8")
    matches = [FLAMEGRAPH_LINE.match(line) for line in text.removesuffix("\n").split("\n")]
    stacks = {match[1]: int(match[2]) for match in matches if match}
    assert len(stacks) == len(matches), "every line is read, and every stack is there once"
    assert all(stacks.values())
    assert sum(stacks.values()) == hotspots_total(by)
    assert all(not FLAMEGRAPH_LINE.match(stack) for stack in stacks), "a line has one number"


def test_collapsed_names(export: Export) -> None:
    lines = export("collapsed").read_text(encoding="utf-8").splitlines()
    grown = "<module> (app.py:3);run (app.py:40);Maß.wachse (größen/maße.py:12) 204800"
    assert grown in lines
    assert "<module> (app.py:3);semi,colon 12 (a,b 3.py:1) 64" in lines
    assert "<module> (app.py:3);number_7 128" in lines
    assert "<no Python frame> 168" in lines


@pytest.mark.parametrize("by", BYS)
def test_svg_blocks_are_as_wide_as_they_weigh(export: Export, by: str) -> None:
    root = ElementTree.parse(export("svg", GOLDEN, "--by", by)).getroot()
    width = float(root.attrib["width"])
    total = hotspots_total(by)
    blocks = root.findall(f"{SVG}svg")
    assert len(blocks) > 8
    for block in blocks:
        text = block.findtext(f".//{SVG}title", "")
        found = re.search(r": ([\d,]+) (bytes|blocks)$", text)
        if found and "drawn only" not in text:  # the captions say what was cut
            weight = int(found[1].replace(",", ""))
            expected = max(1, weight * width / total - 1)
            assert float(block.attrib["width"]) == pytest.approx(expected)
        assert 0 <= float(block.attrib["x"]) <= width


def test_svg_blocks_lie_on_their_callers(export: Export) -> None:
    root = ElementTree.parse(export("svg")).getroot()
    places = {}
    for block in root.findall(f"{SVG}svg"):
        title = block.findtext(f".//{SVG}title", "")
        x, y = float(block.attrib["x"]), float(block.attrib["y"])
        places.setdefault(title, (x, x + float(block.attrib["width"]), y))
    run = places[f"run {APP}:40: 3,413,489 bytes"]
    grow = places[f"Maß.wachse {MEASURES}:12: 204,800 bytes"]
    assert run[0] <= grow[0]
    assert grow[1] <= run[1]
    assert grow[2] < run[2], "root at the foot"


def test_svg_says_what_was_cut(export: Export, tmp_path: Path) -> None:
    written = tmp_path / "golden.svg"
    done = call("export", "-f", "svg", "-o", written, GOLDEN)
    said = re.findall(r"(\d+) (calls|ways) that weigh less than 0\.1% .*?: ([\d,]+) b", done.stderr)
    assert [noun for _, noun, _ in said] == ["calls", "ways"]
    titles = [item.text or "" for item in ElementTree.parse(written).iter(f"{SVG}title")]
    assert f"{said[0][0]} calls that weigh less than 0.1% are drawn only as part" in titles[0]
    drawn = sum(
        int(found[1].replace(",", ""))
        for block in ElementTree.parse(written).getroot().findall(f"{SVG}svg")
        if float(block.attrib["y"]) == lowest_calls(written)
        and (found := re.search(r": ([\d,]+) bytes$", block.findtext(f".//{SVG}title", "")))
    )
    missing = hotspots_total("allocated_bytes") - drawn
    assert 0 < missing <= int(said[0][2].replace(",", "")), "roots may lack what they lost here"


def lowest_calls(path: Path) -> float:
    """Where the calls are that nobody called: a row above the caption."""
    caption, first, *_ = ElementTree.parse(path).getroot().findall(f"{SVG}svg")
    assert float(first.attrib["y"]) < float(caption.attrib["y"])
    return float(first.attrib["y"])


def test_svg_runs_nothing(export: Export) -> None:
    text = export("svg").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(" in text
    assert "\x1b" not in text


def test_deep_recursion_is_cut_and_said(export: Export, tmp_path: Path) -> None:
    made = CaptureWriter()
    made.site([("f", APP, line) for line in range(1, 3000)], size=100)
    capture = tmp_path / "deep.mscope"
    capture.write_bytes(made.build())
    done = call("export", "-f", "svg", "-o", tmp_path / "deep.svg", capture)
    assert done.returncode == 0
    assert (
        "or lie deeper than 400 calls are drawn only as part of their callers: 100 bytes"
        in done.stderr
    )
    height = float(ElementTree.parse(tmp_path / "deep.svg").getroot().attrib["height"])
    assert height < 20_000
    stack = export("collapsed", capture).read_text()
    assert stack.count(";") == 2998
