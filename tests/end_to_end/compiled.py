"""Libraries of C whose requests are known, built for the tests that load them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"
COMPILER = shlex.split(os.environ.get("CC", "")) or [shutil.which("cc") or "gcc"]


def built(directory: Path, source: str, *options: str) -> Path:
    """One of the programs' sources, as a shared library in that directory."""
    made = directory / f"lib{Path(source).stem}.so"
    command = [*COMPILER, "-O1", "-fno-builtin", "-shared", "-fPIC", "-pthread", *options]
    subprocess.run([*command, str(PROGRAMS / source), "-ldl", "-o", str(made)], check=True)
    return made
