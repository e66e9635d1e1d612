"""What structures retain, against guppy's heapy in the same process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from end_to_end.recorded import CAPTURE, run_source
from end_to_end.side_by_side import PROGRAMS
from end_to_end.test_snapshots import named

import memscope
from memscope.analysis.measures import Measures
from memscope.analysis.retainers import Holdings

pytestmark = pytest.mark.slow


def test_structures_retain_what_heapy_says(tmp_path: Path) -> None:
    """Objects and bytes, without tolerance. Heapy does not see keys of dictionaries that have texts
    alone, and asks instances for the dictionaries that they do without: there are none of these.
    """
    pytest.importorskip("guppy", reason="needs guppy3")
    source = (PROGRAMS / "heapy.py").read_text()
    told = json.loads(run_source(tmp_path, source, "-q", "--snapshot").stdout)
    found = Holdings(Measures(memscope.load(tmp_path / CAPTURE)))
    variables, graph = named(found), found.graph
    retained = {
        name: [graph.retained_objects[variables[name]], graph.retained_bytes[variables[name]]]
        for name in told
    }
    assert len(told) == 13
    assert retained == told
