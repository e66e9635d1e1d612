"""The preloaded library without Python, on each C library that there is a compiler for."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from end_to_end.compiled import COMPILER
from end_to_end.side_by_side import PROGRAMS

CEXT = Path(__file__).parents[2] / "cext"
THREADS, BLOCKS = 4, 1000


@pytest.mark.parametrize("compiler", [COMPILER, ["musl-gcc"]], ids=["cc", "musl"])
@pytest.mark.parametrize("others", [[], ["/nowhere/other.so"]], ids=["alone", "with-another"])
def test_all_is_told_and_the_environment_is_as_before(
    tmp_path: Path, compiler: list[str], others: list[str]
) -> None:
    if shutil.which(compiler[0]) is None:
        pytest.skip("needs musl-gcc")
    library, program = tmp_path / "library.so", tmp_path / "program"
    common = [*compiler, "-std=gnu11", "-O2", "-Wall", "-Werror", "-pthread", "-I", str(CEXT)]
    sources = sorted(map(str, CEXT.glob("native/*.c")))
    hidden = ["-shared", "-fPIC", "-fvisibility=hidden"]
    subprocess.run([*common, *hidden, *sources, "-ldl", "-o", str(library)], check=True)
    source = str(PROGRAMS / "listening.c")
    subprocess.run([*common, source, "-ldl", "-o", str(program)], check=True)
    environment = {**os.environ, "LD_PRELOAD": ":".join([str(library), *others])}
    ran = subprocess.run([program], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    *counts, preloaded = ran.stdout.split()
    one = sum(range(100_001, 100_001 + BLOCKS))
    # One more block, which has grown, is not a thread's.
    asked = [THREADS * BLOCKS + 1, THREADS * one + 100_001]
    assert list(map(int, counts)) == [*asked, 8, 3, THREADS * BLOCKS]
    assert preloaded == (others[0] if others else "-")
