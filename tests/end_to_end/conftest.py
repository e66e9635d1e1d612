"""Fixtures for running programs by themselves and under memscope."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.register_assert_rewrite("end_to_end.side_by_side")

from end_to_end.side_by_side import PROGRAMS, Bench  # noqa: E402


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    cwd, captures = tmp_path / "work", tmp_path / "captures"
    cwd.mkdir()
    captures.mkdir()
    return Bench(cwd, captures)


@pytest.fixture
def program() -> Callable[[str], str]:
    """The path of one of the programs in programs/."""

    def path_of(name: str) -> str:
        path = PROGRAMS / name
        assert path.exists(), path
        return str(path)

    return path_of
