"""Applies what is advised as a patch, by two tools that are not ours, and runs what comes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from cli.console import call

PATCHES = (("git", "apply", "-"), ("patch", "-p1", "-s"))
SEED = {"PYTHONHASHSEED": "0"}


def advised(program: Path, folder: Path) -> list[dict[str, Any]]:
    """A copy of a program is made in a folder, and recorded there; what is advised of it."""
    folder.mkdir()
    copied = _copy(program, folder)
    capture = folder / "it.mscope"
    ran = call("run", "-q", "-o", capture, copied, cwd=folder, env=SEED)
    assert ran.returncode == 0, ran.stderr
    done = call("advise", "--json", "-n", "0", "--no-calibration", capture)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["advice"]


def patched(program: Path, patch: str, folder: Path) -> Path:
    """The program with a patch applied, by each tool in a copy of its own; both make the same."""
    made = []
    for number, command in enumerate(PATCHES):
        place = folder / f"patched{number}"
        place.mkdir()
        copied = _copy(program, place)
        # A work tree around it would have git leave out what is not below the folder.
        environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder)}
        done = subprocess.run(
            command, check=False, input=patch, text=True, cwd=place, capture_output=True,
            env=environment,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stdout, done.stderr, patch)
        made.append(copied)
    assert contents(made[0]) == contents(made[1])
    return made[0]


def output(program: Path) -> tuple[int, str]:
    """How a program ends, and what it prints."""
    done = subprocess.run(
        [sys.executable, str(program)],
        check=False, capture_output=True, text=True, timeout=300, env=os.environ | SEED,
        cwd=program.parent,
    )  # fmt: skip
    return done.returncode, done.stdout


def contents(program: Path) -> list[bytes]:
    files = sorted(program.rglob("*.py")) if program.is_dir() else [program]
    return [file.read_bytes() for file in files]


def _copy(program: Path, folder: Path) -> Path:
    copied = folder / program.name
    if program.is_dir():
        shutil.copytree(program, copied, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(program, copied)
    return copied
