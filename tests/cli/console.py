"""Runs the command as a user does: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import memscope

ROOT = Path(memscope.__file__).parent.parent

# Not in the sources, which would be imported in place of what is installed, and with no captures.
NOWHERE = tempfile.TemporaryDirectory(prefix="memscope-nowhere-")


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "memscope", *map(str, words)]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **(more or {})}


def call(
    *words: object,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words),
        cwd=cwd or NOWHERE.name,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        **options,
    )
