"""Redacted captures: no name is left, and everything else is as it was."""

from __future__ import annotations

import re
from pathlib import Path

from capture import captures
from capture.writer import CaptureWriter
from golden.make import GOLDEN, HOSTILE

import memscope
from memscope.analysis.calltree import call_tree
from memscope.analysis.measures import Measures
from memscope.analysis.redaction import RedactedCapture


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


def test_types_of_the_program_have_pseudonyms_and_those_of_python_keep_their_names(
    tmp_path: Path,
) -> None:
    made = CaptureWriter(format=2, objects=True)
    for of in (
        ("builtins", "dict", "object"),
        ("builtins", "dict", "keys"),
        ("shop.models", "Shop.Order", "object"),
        ("collections", "OrderedDict", "object"),
        ("", "Lost", "object"),
    ):
        made.site([("<module>", "/home/me/app.py", 1)], type=of)
    types = RedactedCapture(captures.load(made, tmp_path)).tables.types
    assert [of.kind for of in types] == ["", "object", "keys", "object", "object", "object"]
    assert [of.name for of in types[1:3]] == ["dict", "dict"]
    assert types[4][:2] == ("collections", "OrderedDict")
    secret = str(types)
    assert not any(name in secret for name in ("shop", "models", "Shop", "Order'", "Lost"))
