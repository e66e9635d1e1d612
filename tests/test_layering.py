"""The C sources include only downwards; versions and systems are told apart in one header each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CEXT = Path(__file__).parents[1] / "cext"
SOURCES = sorted(CEXT.glob("*.[ch]"))

# From the bottom up. A file includes headers of lower layers, and its own.
LAYERS = (
    {"platform"},
    {"event", "status", "memory", "pycompat"},
    {"ring", "sampler", "sizeclass", "blockmap", "column", "linetable", "anchor"}
    | {"ages", "growth", "heap", "rowtable"},
    {"segment", "orphans"},
    {"stacktable", "linetree", "watch"},
    {"codemap", "sums"},
    {"slot"},
    {"sweep"},
    {"framewalk", "ledger"},
    {"producer", "writer", "runs", "choice", "extract"},
    {"arenas", "survey", "cohorts", "totals", "intake"},
    {"ending"},
    {"hooks", "drain"},
    {"recorder", "drainobject"},
    {"mainprogram"},
    {"module", "testing"},
)
KNOWS_PYTHON = {
    *("pycompat", "anchor", "codemap", "framewalk", "producer", "arenas", "hooks", "recorder"),
    *("mainprogram", "module", "drainobject", "testing", "orphans"),
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
INCLUDES_PYTHON = re.compile(
    r'^[ \t]*#[ \t]*include[ \t]+["<](Python\.h|internal/|cpython/)', re.MULTILINE
)
CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b(.*)$", re.MULTILINE)
OF_PYTHON = re.compile(r"\bPY_(?:VERSION_HEX|(?:MAJOR|MINOR|MICRO)_VERSION)\b")
OF_SYSTEM = re.compile(
    r"\b(?:__linux__|__APPLE__|_WIN32|_MSC_VER|__GNUC__|__clang__|__GLIBC__|__x86_64__|__aarch64__"
    r"|__SANITIZE_\w+|__has_\w+|__BYTE_ORDER__)\b"
)

every_source = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)


def layer_of(stem: str) -> int:
    places = [number for number, layer in enumerate(LAYERS) if stem in layer]
    assert places, f"{stem} has no place among the layers: give it one in {Path(__file__).name}"
    return places[0]


def uncommented(source: Path) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", source.read_text(), flags=re.DOTALL)


@every_source
def test_includes_point_downwards(source: Path) -> None:
    own_layer = layer_of(source.stem)
    for header in INCLUDE.findall(uncommented(source)):
        if not (CEXT / header).exists():
            continue  # one of Python's own
        included = Path(header).stem
        assert included == source.stem or layer_of(included) < own_layer, header


@every_source
def test_only_some_sources_know_python(source: Path) -> None:
    if source.stem not in KNOWS_PYTHON:
        assert not INCLUDES_PYTHON.search(uncommented(source))
        included = {Path(header).stem for header in INCLUDE.findall(uncommented(source))}
        assert not included & KNOWS_PYTHON


@every_source
def test_python_versions_are_told_apart_in_pycompat_only(source: Path) -> None:
    if source.name != "pycompat.h":
        conditions = " ".join(CONDITION.findall(uncommented(source)))
        assert not OF_PYTHON.findall(conditions)


@every_source
def test_systems_are_told_apart_in_platform_only(source: Path) -> None:
    if source.name != "platform.h":
        conditions = " ".join(CONDITION.findall(uncommented(source)))
        assert not OF_SYSTEM.findall(conditions)


def test_the_rules_would_notice() -> None:
    assert INCLUDES_PYTHON.search("#include <Python.h>\n")
    assert INCLUDE.findall('#include "ring.h"\n#include <stdio.h>\n') == ["ring.h"]
    assert OF_PYTHON.search("#if PY_VERSION_HEX >= 0x030d0000")
    assert OF_SYSTEM.search("defined(__clang__)")
    assert layer_of("ring") < layer_of("hooks")
