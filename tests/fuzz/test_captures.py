"""Every subcommand is put to captures that an enemy made (mutants.py, subcommands.py).

A bounded run by default; MEMSCOPE_FUZZ_SECONDS makes the slow one longer, and gives it seeds that
nobody has seen yet. What it finds is looked at with
`cd tests && python -m fuzz.subcommands --first SEED --seeds 1`.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("google.protobuf", reason="needs protobuf")
SECONDS = int(os.environ.get("MEMSCOPE_FUZZ_SECONDS", "0"))
TESTS = Path(__file__).parents[1]


def fuzz(*options: object) -> None:
    command = [sys.executable, "-m", "fuzz.subcommands", *map(str, options)]
    done = subprocess.run(command, check=False, cwd=TESTS, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-8000:]}\n{done.stderr[-4000:]}"


def test_subcommands_on_mutants() -> None:
    fuzz("--seeds", 20, "--subcommands", 8)


@pytest.mark.slow
def test_all_subcommands_on_more_mutants() -> None:
    if SECONDS:
        fuzz("--first", random.randrange(1 << 40), "--seconds", SECONDS)
    else:
        fuzz("--first", 1000, "--seeds", 20)
