"""`memscope fits` holds what the kernel counted as resident against a limit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import resource

def load():
    return [{"number": n, "name": str(n), "double": n * 2.0} for n in range(100_000)]

rows = load()
print(sum(row["double"] for row in rows))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def memscope(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "memscope", *words],
        cwd=place,
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The directory of app.mscope, and the kernel's peak of the program in bytes."""
    place = tmp_path_factory.mktemp("fits")
    (place / "app.py").write_text(PROGRAM)
    ran = memscope(place, "run", "-q", "-o", "app.mscope", "app.py")
    assert ran.returncode == 0, ran.stderr
    return place, int(ran.stdout.split()[-1]) << 10


def fits(place: Path, size: str) -> dict[str, Any]:
    done = memscope(place, "fits", "--json", "app.mscope", size)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_its_bounds_hold_what_the_kernel_counted(recorded: tuple[Path, int]) -> None:
    place, kernel_bytes = recorded
    found = fits(place, "1GB")
    assert found["schema"] == "memscope.fits/1"
    assert found["limit_bytes"] == 1 << 30
    peak = found["peak_bytes"]
    assert peak["low"] <= peak["value"] <= peak["high"]
    # The program read its peak a moment before its end.
    assert kernel_bytes <= peak["high"] < kernel_bytes + (8 << 20)
    assert peak["high"] - peak["low"] < 32 << 20


def test_what_is_far_enough_fits_and_needs_no_change(recorded: tuple[Path, int]) -> None:
    place, _ = recorded
    found = fits(place, "1GB")
    assert (found["fits"], found["verdict"], found["first"]) == (True, "fits", [])
    text = memscope(place, "fits", "app.mscope", "1GB").stdout
    assert text.startswith("fits: ")
    assert "change" not in text


def test_what_does_not_fit_has_advice_that_saves_memory(recorded: tuple[Path, int]) -> None:
    place, _ = recorded
    found = fits(place, "16MB")
    assert (found["fits"], found["verdict"]) == (False, "does not fit")
    assert found["first"]
    assert all({"peak_bytes", "rss_bytes"} & set(item["predicted"]) for item in found["first"])
    assert any(item["site"]["file"].endswith("app.py") for item in found["first"])
    lines = memscope(place, "fits", "app.mscope", "16MB").stdout.splitlines()
    assert lines[0].startswith("does not fit: ")
    assert "app.py:" in lines[-1]


def test_between_the_bounds_it_counts_as_not_fitting(recorded: tuple[Path, int]) -> None:
    place, _ = recorded
    peak = fits(place, "1GB")["peak_bytes"]
    found = fits(place, f"{(peak['low'] + peak['high']) // 2}B")
    assert (found["fits"], found["verdict"]) == (False, "may not fit")


@pytest.mark.parametrize("size", ["16", "-1MB", "0B", "lots"])
def test_a_limit_is_a_size(recorded: tuple[Path, int], size: str) -> None:
    done = memscope(recorded[0], "fits", "app.mscope", "--", size)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Error: Invalid value for 'SIZE'")
