"""Captures made by hand, and what is advised of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from capture.writer import CaptureWriter
from cli.console import call

from memscope.advice.context import Context
from memscope.advice.evidence.calibration import DEFAULT_COSTS
from memscope.advice.program.source import SourceFiles
from memscope.analysis.measures import Measures
from memscope.capture import load

APP = "/home/me/app/app.py"


def context_of(writer: CaptureWriter, tmp_path: Path) -> Context:
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.build())
    capture = load(path)
    return Context(Measures(capture), DEFAULT_COSTS, SourceFiles(capture.meta))


def rows_of_dictionaries(count: int, **meta: Any) -> CaptureWriter:
    writer = CaptureWriter(**meta)
    stack = [("main", APP, 20), ("load", APP, 7)]
    writer.site(stack, size=64, count=count, live=0, peak=count)
    writer.site(stack, size=184, count=count, live=0, peak=count)
    writer.site([("main", APP, 21)], size=100_000, count=1)
    return writer


def advised(writer: CaptureWriter, tmp_path: Path, *words: str) -> dict[str, Any]:
    path = tmp_path / "app.mscope"
    path.write_bytes(writer.build())
    done = call("advise", path, "--json", "--no-calibration", *words)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    assert not [note for note in document["notes"] if " failed: " in note]
    return document
