"""What `import memscope` gives, and what it costs."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import memscope

ROOT = Path(__file__).parents[1]


def test_public_names_are_there() -> None:
    assert {"Capture", "MemscopeError", "Recording", "load", "record"} <= set(memscope.__all__)
    assert set(memscope.__all__) <= set(dir(memscope))
    assert memscope.load.__module__.startswith("memscope.capture")
    assert issubclass(memscope.MemscopeError, Exception)


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


def test_the_version_is_that_of_the_package() -> None:
    assert memscope.__version__ == importlib.metadata.version("memscope-profiler")
