"""Redacted exports: no name is left in any format, and the totals are the same."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from cli.console import call
from exports.openers import OPENERS
from golden.make import GOLDEN

from memscope.exports.registry import BUILT_IN

NAMES = [
    *(
        "zoë",
        "app.py",
        "größen",
        "maße",
        "Maß",
        "wachse",
        "walk",
        "visit",
        "yaml",
        "parse",
        "loader",
    ),
    *("Arbeiter", "semi", "number 7", "red", "script>", "HYPERLINK", "SUM", "lone", "gnimac"),
    *("passwd", "长", "xxx", "tagged", "golden"),
]


@pytest.mark.parametrize("options", [["--redact"], ["--redact-key", "s3cret"]])
@pytest.mark.parametrize("name", BUILT_IN)
def test_no_export_holds_a_name(tmp_path: Path, name: str, options: list[str]) -> None:
    if name == "perfetto":
        pytest.importorskip("perfetto", reason="needs the package perfetto")
    capture = tmp_path / "recorded.mscope"
    capture.write_bytes(GOLDEN.read_bytes())
    written, plain = tmp_path / "redacted", tmp_path / "plain"
    done = call("export", "-f", name, *options, "-o", written, capture)
    assert done.returncode == 0, done.stderr
    assert call("export", "-f", name, "-o", plain, capture).returncode == 0
    assert OPENERS[name](written) == OPENERS[name](plain)
    data = written.read_bytes()
    text = (gzip.decompress(data) if name == "pprof" else data).decode("utf-8", "replace")
    whole = {found for found in NAMES if re.search(rf"(?<![a-z]){re.escape(found)}(?![a-z])", text)}
    assert not whole
    assert "s3cret" not in text
