"""The C sources include only what their folder may know, and no module imports itself by others.

Versions of Python and systems are told apart in one header each.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Collection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CEXT = ROOT / "cext"
SOURCES = sorted(CEXT.glob("*/*.[ch]"))

# A folder, and the other folders whose headers its files may include. The two halves, program and
# what drains it, meet in shared alone: they may run in two processes.
MAY_INCLUDE = {
    "shared": set(),
    "program": {"shared"},
    "native": {"shared"},
    "ledger": {"shared"},
    "capture": {"shared", "ledger"},
    "drain": {"shared", "ledger", "capture"},
    "reading": set(),
    "witness": {"shared"},
    "supervising": {"shared", "ledger", "capture", "drain"},
    "python": {"shared", "program", "ledger", "capture", "drain", "reading"},
    "testing": set(),
}
# These never see Python.h, not even by another header: they run in any process, without the GIL.
KNOW_NO_PYTHON = {
    "shared",
    "native",
    "ledger",
    "capture",
    "drain",
    "reading",
    "witness",
    "supervising",
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

# The structs of the ledger: to all outside its folder it is opaque.
INSIDE_OF_LEDGER = CEXT / "ledger" / "counters.h"

# The longest has 52 now. clang-format puts the braces of a function at the start of a line.
LONGEST_FUNCTION = 55
FUNCTION = re.compile(r"^\{\n(.*?)^\}$", re.MULTILINE | re.DOTALL)

every_source = pytest.mark.parametrize(
    "source", SOURCES, ids=lambda path: str(path.relative_to(CEXT))
)


def uncommented(source: Path) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", source.read_text(), flags=re.DOTALL)


def included_by(source: Path) -> list[Path]:
    """Our own headers that a source includes, each named from cext/."""
    headers = (CEXT / header for header in INCLUDE.findall(uncommented(source)))
    return [header for header in headers if header.exists()]


def test_every_source_is_in_a_folder_of_the_table() -> None:
    assert {path.parent.name for path in SOURCES} == set(MAY_INCLUDE)
    assert not list(CEXT.glob("*.[ch]"))


@every_source
def test_a_folder_includes_only_what_it_may_know(source: Path) -> None:
    folder = source.parent.name
    for header in included_by(source):
        assert header.parent.name in MAY_INCLUDE[folder] | {folder}, header


@every_source
def test_includes_name_their_folder(source: Path) -> None:
    bare = [name for name in INCLUDE.findall(uncommented(source)) if "/" not in name]
    assert not bare


def test_headers_include_each_other_in_no_circle() -> None:
    # A file and its header are one: a.c that includes b.h while b.c includes a.h is a circle too.
    graph: dict[str, set[str]] = {}
    for source in SOURCES:
        module = str(source.relative_to(CEXT).with_suffix(""))
        needed = {str(header.relative_to(CEXT).with_suffix("")) for header in included_by(source)}
        graph.setdefault(module, set()).update(needed - {module})
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names them


@every_source
def test_only_some_folders_know_python(source: Path) -> None:
    if source.parent.name in KNOW_NO_PYTHON:
        assert not INCLUDES_PYTHON.search(uncommented(source))


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


def reached_from(source: Path) -> set[Path]:
    """Our own headers that a source includes, also by way of others."""
    found: set[Path] = set()
    waiting = included_by(source)
    while waiting:
        header = waiting.pop()
        if header not in found:
            found.add(header)
            waiting += included_by(header)
    return found


@every_source
def test_only_its_own_folder_sees_into_the_ledger(source: Path) -> None:
    if source.parent.name != "ledger":
        assert INSIDE_OF_LEDGER not in reached_from(source)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in (ROOT / "memscope").rglob("*.py")}


def imported_by(source: str, known: Collection[str]) -> set[str]:
    """What a module imports: at its top, within functions, and for type checkers alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "name the package in full"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else str(node.module) for name in names}
    return found & set(known)


def test_modules_import_each_other_in_no_circle() -> None:
    # The linter of imports compares neighbours; this includes a package and what is within.
    # The extensions are no circle's part: they are imported by name from the package.
    known = {*MODULES, "memscope._recorder", "memscope.capture._columns"}
    graph = {
        module: imported_by(path.read_text(), known) - {module} for module, path in MODULES.items()
    }
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names them


def public_classes(source: str) -> list[str]:
    body = ast.parse(source).body
    names = [node.name for node in body if isinstance(node, ast.ClassDef)]
    return [name for name in names if not name.startswith("_")]


def test_no_two_public_classes_have_one_name() -> None:
    homes: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        for name in public_classes(path.read_text()):
            homes.setdefault(name, []).append(module)
    assert not {name: modules for name, modules in homes.items() if len(modules) > 1}


@every_source
def test_functions_are_short(source: Path) -> None:
    for body in FUNCTION.findall(source.read_text()):
        assert body.count("\n") <= LONGEST_FUNCTION, body[:200]


def test_the_rules_would_notice() -> None:
    assert FUNCTION.findall("int\nf(void)\n{\n    if (a) {\n    }\n}\n") == [
        "    if (a) {\n    }\n"
    ]
    assert any(FUNCTION.findall(source.read_text()) for source in SOURCES)
    assert public_classes("class A: ...\nclass _B: ...\ndef f():\n    class C: ...") == ["A"]
    assert "struct ms_ledger {" in INSIDE_OF_LEDGER.read_text()
    assert INSIDE_OF_LEDGER in reached_from(CEXT / "ledger" / "fastpath.c")
    assert INCLUDES_PYTHON.search("#include <Python.h>\n")
    assert INCLUDE.findall('#include "shared/ring.h"\n#include <stdio.h>\n') == ["shared/ring.h"]
    assert OF_PYTHON.search("#if PY_VERSION_HEX >= 0x030d0000")
    assert OF_SYSTEM.search("defined(__clang__)")
    assert included_by(CEXT / "program" / "hooks.c")
    source = (
        "if TYPE_CHECKING:\n    from p import a, b\ndef f():\n    from p.c import d\nimport os, q"
    )
    assert imported_by(source, {"p", "p.a", "p.c", "q"}) == {"p", "p.a", "p.c", "q"}
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
