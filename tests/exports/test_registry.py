"""Formats of other packages, and packages whose formats are broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.console import ROOT, call
from golden.make import GOLDEN

from memscope.exports.exporter import Exporter
from memscope.exports.registry import BUILT_IN, find_exporter, format_names

PLUGIN = """
class Lines:
    name = "lines"
    suffix = ".lines"
    is_text = True
    description = "counts rows\\x1b[31m"
    bys = ("peak_bytes", "live_bytes")

    def write(self, capture, stream, by):
        stream.write(f"{by} {len(capture.tables.rows.stack)}\\n".encode())
        return ["nothing but a number"]

class Failing(Lines):
    def write(self, capture, stream, by):
        stream.write(b"half of it")
        raise KeyError("no\\nsuch thing")

class Odd(Lines):
    bys = None

lines, failing, half, odd = Lines(), Failing(), object(), Odd()
json = Lines()
"""


@pytest.fixture
def plugged(tmp_path: Path) -> dict[str, str]:
    """An environment with a package that adds formats."""
    (tmp_path / "plugged.py").write_text(PLUGIN)
    info = tmp_path / "more_formats-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more-formats\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[memscope.exports]\n"
        "lines = plugged:lines\n"
        "a-class = plugged:Lines\n"
        "failing = plugged:failing\n"
        "half = plugged:half\n"
        "odd = plugged:odd\n"
        "missing = plugged.not_there:lines\n"
        "json = plugged:json\n"
    )
    return {"PYTHONPATH": f"{ROOT}:{tmp_path}"}


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_formats_are_exporters(name: str) -> None:
    exporter = find_exporter(name)
    declared: Exporter = exporter
    assert declared.description
    assert exporter.name == name
    assert exporter.suffix.startswith(".")


def test_suffixes_differ() -> None:
    assert len({find_exporter(name).suffix for name in BUILT_IN}) == len(BUILT_IN)


def test_names_begin_with_our_own() -> None:
    assert format_names()[: len(BUILT_IN)] == BUILT_IN


@pytest.mark.parametrize("name", ["lines", "a-class"])
def test_a_format_of_another_package(plugged: dict[str, str], tmp_path: Path, name: str) -> None:
    done = call("export", "-f", name, GOLDEN, cwd=tmp_path, env=plugged)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        f"memscope: the {name} export is golden.lines",
        "memscope: nothing but a number",
    ]
    assert (tmp_path / "golden.lines").read_text() == "peak_bytes 27\n"
    done = call("export", "-f", name, "--by", "live_bytes", "-o", "-", GOLDEN, env=plugged)
    assert done.stdout == "live_bytes 27\n"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("failing", "memscope: the format 'failing' failed: KeyError: 'no\\nsuch thing'"),
        ("half", "memscope: more-formats: the format 'half' cannot be used: its name is missing"),
        (
            "odd",
            "memscope: more-formats: the format 'odd' cannot be used: its bys is missing or wrong",
        ),
        ("missing", "memscope: more-formats: the format 'missing' cannot be loaded: ModuleNot"),
    ],
)
def test_a_broken_one_gets_one_line(
    plugged: dict[str, str], tmp_path: Path, name: str, line: str
) -> None:
    done = call("export", "-f", name, "-o", tmp_path / "out", GOLDEN, env=plugged)
    assert done.returncode == 1
    assert done.stderr.startswith(line)
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_list_shows_all_of_them(plugged: dict[str, str]) -> None:
    done = call("export", "--list", env={**plugged, "COLUMNS": "200"})
    assert (done.returncode, done.stderr) == (0, "")
    listed = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert set(listed) >= {*BUILT_IN, "lines", "a-class", "failing", "half", "odd", "missing"}
    assert "cannot be used" in listed["missing"]
    assert "\x1b" not in done.stdout
    assert "counts rows" in listed["lines"]
    assert "scripts" in listed["json"], "nobody can replace a format of our own"


def test_ours_is_the_one_that_is_used(plugged: dict[str, str]) -> None:
    done = call("export", "-f", "json", "-o", "-", GOLDEN, env=plugged)
    assert "memscope.export/1" in done.stdout
