"""What `import memscope` gives, and what it costs."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import memscope

ROOT = Path(__file__).parents[1]


def test_public_names_are_there() -> None:
    assert {"Capture", "MemscopeError", "Recording", "load", "record"} <= set(memscope.__all__)
    assert set(memscope.__all__) <= set(dir(memscope))
    assert memscope.load.__module__.startswith("memscope.capture")
    assert issubclass(memscope.MemscopeError, Exception)


def test_the_page_of_names_has_each_as_it_is() -> None:
    text = (ROOT / "docs/record.md").read_text()
    functions = [name for name in memscope.__all__ if name[0].islower()] + ["Pool"]
    for name in functions:
        signature = inspect.signature(getattr(memscope, name))
        kinds = (each.replace(annotation=each.empty) for each in signature.parameters.values())
        plain = signature.replace(parameters=list(kinds), return_annotation=signature.empty)
        assert f"| `{name}{plain}` |" in text
    for name in {*memscope.__all__} - {"__version__"}:
        assert f"`{name}" in text


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'profile'"):
        _ = memscope.profile


def test_importing_memscope_imports_next_to_nothing() -> None:
    script = (
        "import sys; before = set(sys.modules); import memscope\n"
        "print(*sorted(name for name in set(sys.modules) - before if name.startswith('memscope')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["memscope"]


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {
        "attr": "memscope.version.__version__"
    }
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$", changes, re.MULTILINE)
    assert released[0] == memscope.__version__
