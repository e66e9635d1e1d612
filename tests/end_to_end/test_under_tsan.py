"""The whole recorder under ThreadSanitizer, with real threads: hooks, producer, rings and drain.

The interpreter itself is not built for it; what is ours is, and so are the locks that it takes from
libc. Races of ours with ours are seen, and those are what matters here.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from end_to_end.side_by_side import ENVIRONMENT

import memscope

CHECKOUT = Path(__file__).parents[2]
RACE = 66  # the exit status that the sanitizer is told to give


def runtime() -> str:
    """Where the compiler has the sanitizer's library; it must be loaded before all else."""
    if not shutil.which("gcc") or not importlib.util.find_spec("setuptools"):
        pytest.skip("needs gcc and setuptools")
    found = subprocess.run(
        ["gcc", "-print-file-name=libtsan.so"], check=True, capture_output=True, text=True
    ).stdout.strip()
    probe = [sys.executable, "-c", "import zlib"]
    if (
        not os.path.isabs(found)
        or subprocess.run(
            probe, check=False, capture_output=True, env=ENVIRONMENT | {"LD_PRELOAD": found}
        ).returncode
    ):
        pytest.skip("no ThreadSanitizer here")
    return found


@pytest.fixture(scope="module")
def instrumented(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which memscope is one that was built with the sanitizer."""
    library = runtime()
    place = tmp_path_factory.mktemp("tsan")
    package = place / "lib" / "memscope"
    shutil.copytree(
        Path(memscope.__file__).parent, package, ignore=shutil.ignore_patterns("*.so", "*.pyc")
    )
    build = ["setup.py", "-q", "build_ext", "--build-lib", str(place / "lib")]
    subprocess.run(
        [sys.executable, *build, "--build-temp", str(place / "objects")],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        env=ENVIRONMENT | {"MEMSCOPE_SANITIZE": "thread", "CC": "gcc"},
    )
    return ENVIRONMENT | {
        "LD_PRELOAD": library,
        "TSAN_OPTIONS": f"exitcode={RACE}",
        "PYTHONPATH": str(place / "lib"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("supervised", [False, True], ids=["in one process", "supervised"])
def test_no_races(
    instrumented: dict[str, str],
    program: Callable[[str], str],
    tmp_path: Path,
    supervised: bool,
) -> None:
    ours = ["-m", "memscope", "run", "-q", "-o", str(tmp_path / "run.mscope")]
    command = (
        [sys.executable, *ours, program("threads.py")]
        if supervised
        else [sys.executable, program("restarts.py"), str(tmp_path / "own.mscope"), "25"]
    )
    ran = subprocess.run(command, check=False, capture_output=True, env=instrumented, cwd=tmp_path)
    assert b"ThreadSanitizer" not in ran.stderr, ran.stderr.decode()
    assert ran.returncode == 0
    assert supervised or ran.stdout == b"25\n"
