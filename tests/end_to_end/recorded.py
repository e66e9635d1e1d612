"""Runs the text of a program under `memscope run`, in a directory of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

CAPTURE = "main.mscope"


def run_source(
    directory: Path, source: str, *options: str, check: bool = True, **how: Any
) -> subprocess.CompletedProcess[str]:
    """Its capture is `main.mscope` there; so is the working directory, and not the checkout, where
    `memscope` is only a directory of sources.
    """
    script = directory / "program.py"
    script.write_text(source)
    return subprocess.run(
        [sys.executable, "-m", "memscope", "run", *options, "-f", "-o", CAPTURE, str(script)],
        cwd=directory,
        text=True,
        check=check,
        **{"capture_output": True, "timeout": 600, **how},
    )
