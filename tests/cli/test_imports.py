"""`memscope imports` from the outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from capture import captures
from capture.captures import FIND_AND_LOAD, MAIN
from capture.writer import PYTHON, CaptureWriter, StackFrame
from cli.console import call

EXEC: StackFrame = ("exec_module", "<frozen importlib._bootstrap_external>", 999)


def nested(depth: int) -> CaptureWriter:
    """A package that imports its own first module, which imports the next one, and so on."""
    made = CaptureWriter()
    stack = [MAIN]
    for level in range(depth):
        name = f"{PYTHON}/site-packages/deep/level_{level}.py"
        stack += [FIND_AND_LOAD, EXEC, ("<module>", name, 1)]
        made.site(stack, size=1 << 20, count=1, live=1)
    return made


@pytest.mark.parametrize("width", [50, 60, 80])
def test_a_tree_on_a_screen(tmp_path: Path, width: int) -> None:
    path = tmp_path / "deep.mscope"
    path.write_bytes(nested(30).build())
    done = call("imports", path, "-n", "25", env={"COLUMNS": str(width)})
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert "imports hold 30 MiB of 30 MiB at the end, and made 30 MiB"[: width - 1] in done.stdout
    rows = [line for line in lines if "level_" in line]
    assert len(rows) == 25, "no name gives way to how deep it is"
    assert "30 MiB   1.0 MiB" in rows[0]
    assert ("made" in done.stdout.split("module")[0].splitlines()[-1]) == (width == 80)
    assert lines[-1] == "5 lighter ones; -n 0 shows them"


def test_document(tmp_path: Path) -> None:
    path = tmp_path / "deep.mscope"
    path.write_bytes(nested(2).build())
    found = json.loads(call("imports", path, "--json", "--by", "allocated").stdout)
    assert next(iter(found)) == "schema"
    assert found["schema"] == "memscope.imports/1"
    assert found["by"] == "allocated_bytes"
    assert [(row["id"], row["parent"], row["module"]) for row in found["rows"]] == [
        (0, None, "deep.level_0"),
        (1, 0, "deep.level_1"),
    ]


def test_a_capture_without_imports_says_so(tmp_path: Path) -> None:
    path = tmp_path / "none.mscope"
    path.write_bytes(captures.shop(imports=False).build())
    done = call("imports", path)
    assert done.returncode == 1
    assert done.stderr.endswith("were left out (record without --no-imports)\n")
    path.write_bytes(captures.loop().build())
    assert "nothing was imported while memscope was recording" in call("imports", path).stdout
