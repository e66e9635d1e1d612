"""Modules that a compiler made of Python code are named, and the lines that call them say so."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest
from cli.console import call
from end_to_end.compiled import COMPILER, PROGRAMS
from end_to_end.recorded import CAPTURE, run_source

import memscope

SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
PROGRAM = """\
import fast, slow, plain
from shop import part
from shop.inner import total

kept = [
    fast.build(9000),
    slow.build(3000),
    plain.build(3000),
    part.build(3000),
    total.build(3000),
]
"""


def build(place: Path, how: str = "") -> None:
    """The module of that path, with what the modules of a compiler hold."""
    place.parent.mkdir(parents=True, exist_ok=True)
    command = [*COMPILER, "-O1", "-shared", "-fPIC", f"-DNAME={place.name}"]
    command += [f"-I{sysconfig.get_path('include')}", *([f"-D{how}"] if how else [])]
    made = place.with_name(place.name + SUFFIX)
    subprocess.run([*command, str(PROGRAMS / "compiled_module.c"), "-o", str(made)], check=True)
    subprocess.run(["strip", str(made)], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("compiled")
    build(made / "fast", "LIKE_MYPYC")
    build(made / "slow", "LIKE_CYTHON")
    build(made / "plain")
    build(made / "shop" / "part", "LIKE_A_PART_FOR_MYPYC")
    build(made / "shop" / "inner" / "total", "LIKE_CYTHON")
    (made / "shop" / "__init__.py").write_text("")
    (made / "shop" / "inner" / "__init__.py").write_text("")
    run_source(made, PROGRAM)
    return made


def test_they_are_in_the_capture(folder: Path) -> None:
    with memscope.load(folder / CAPTURE) as capture:
        found = {Path(module.path).relative_to(folder): module.by for module in capture.compiled}
    assert found == {
        Path(f"fast{SUFFIX}"): "mypyc",
        Path(f"slow{SUFFIX}"): "cython",
        Path(f"shop/part{SUFFIX}"): "mypyc",
        Path(f"shop/inner/total{SUFFIX}"): "cython",
    }


def test_the_lines_that_call_them_say_so(folder: Path) -> None:
    told = call("hotspots", "--by", "peak_bytes", str(folder / CAPTURE)).stdout
    below = dict(zip(told.splitlines(), told.splitlines()[2:], strict=False))
    said = {
        line.split("program.py:")[1].split()[0]: after.strip()
        for line, after in below.items()
        if "program.py:" in line and "●" in line and "calls" in after
    }
    counts = "what it allocates counts here"
    assert said == {
        "6": f"calls fast.build (mypyc): {counts}",
        "7": f"calls slow.build (Cython): {counts}",
        "9": f"calls shop.part.build (mypyc): {counts}",
        "10": f"calls shop.inner.total.build (Cython): {counts}",
    }


def test_the_summary_names_them(folder: Path) -> None:
    told = call("summary", str(folder / CAPTURE)).stdout
    assert "4 modules  fast.so (mypyc), slow.so (Cython)" in told
    assert "calls fast.build (mypyc)" in told


def test_a_program_without_any_says_nothing(tmp_path: Path) -> None:
    run_source(tmp_path, "import json, re\nkept = [str(i) for i in range(1000)]\n")
    with memscope.load(tmp_path / CAPTURE) as capture:
        assert capture.compiled == ()
    assert "compiled" not in call("summary", str(tmp_path / CAPTURE)).stdout
