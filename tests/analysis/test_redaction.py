"""Redacted captures: no name is left, and everything else is as it was."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from cli.console import call
from exports.openers import OPENERS
from golden.make import GOLDEN, HOSTILE

import memscope
from memscope.analysis.calltree import call_tree
from memscope.analysis.measures import Measures
from memscope.analysis.redaction import RedactedCapture
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


def test_structure_stays() -> None:
    with memscope.load(GOLDEN) as capture:
        plain = Measures(capture)
        redacted = Measures(RedactedCapture(capture))
        before = call_tree(plain, threshold=0)
        after = call_tree(redacted, threshold=0)
        for one, other in zip(before.calls, after.calls, strict=True):
            assert (one.parent, one.value, one.own_value, one.line) == (
                other.parent,
                other.value,
                other.own_value,
                other.line,
            )
            assert one.origin is other.origin
        names = {(c.function, c.file) for c in before.calls}
        pseudonyms = {(c.function, c.file) for c in after.calls}
        assert len(names) == len(pseudonyms) > len(HOSTILE)
        assert plain.stacks.importing == redacted.stacks.importing


def test_what_python_itself_names_stays() -> None:
    with memscope.load(GOLDEN) as capture:
        tables = RedactedCapture(capture).tables
    functions, files = set(tables.codes.function), set(tables.codes.file)
    assert "<module>" in functions
    assert any(re.fullmatch(r"name\d+\.<locals>\.<lambda>", name) for name in functions)
    assert "<frozen importlib._bootstrap>" in files
    assert any(re.fullmatch(r"/program/file\d+\.py", file) for file in files)
    assert any(re.fullmatch(r"/site-packages/file\d+\.py", file) for file in files)
    assert [thread.name for thread in tables.threads][0::2] == ["MainThread", ""]


def test_the_same_name_has_the_same_pseudonym() -> None:
    with memscope.load(GOLDEN) as capture, memscope.load(GOLDEN) as again:
        assert RedactedCapture(capture).tables.codes == RedactedCapture(again).tables.codes
        keyed = RedactedCapture(capture, "key").tables.codes
        assert keyed == RedactedCapture(again, "key").tables.codes
        assert keyed.function != RedactedCapture(again, "other").tables.codes.function


def test_the_capture_itself_is_left_as_it_is() -> None:
    with memscope.load(GOLDEN) as capture:
        redacted = RedactedCapture(capture)
        assert "walk" in capture.tables.codes.function
        assert "walk" not in redacted.tables.codes.function
        assert capture.path == GOLDEN
        assert capture.meta.command != redacted.meta.command
