"""What is allocated while source becomes code is told as that, with the file's name."""

from __future__ import annotations

import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

import memscope
from memscope.analysis.stacks import Stacks

FUNCTIONS = 2_000
SOURCE = "".join(f"def f{i}(a):\n    return {{'x': a, 'y': {i}}}\n" for i in range(FUNCTIONS))


def bytes_by_function(path: Path) -> dict[tuple[str, str], float]:
    """Allocated bytes by name and file of the leaf function."""
    capture = memscope.load(path)
    stacks = Stacks(capture)
    found: dict[tuple[str, str], float] = {}
    totals = capture.totals
    for row, node in enumerate(capture.tables.rows.stack):
        frame = stacks.frame(node)
        key = frame.function, frame.file
        found[key] = found.get(key, 0) + totals.allocated_bytes[row]
    return found


def run(tmp_path: Path, *target: str) -> dict[tuple[str, str], float]:
    path = tmp_path / "run.mscope"
    command = [sys.executable, "-m", "memscope", "run", "-q", "-f", "-o", str(path), *target]
    subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    return bytes_by_function(path)


def assert_told(found: dict[tuple[str, str], float], function: str, file: str) -> None:
    assert found[function, file] > 200 * FUNCTIONS
    unknown = sum(size for (name, _), size in found.items() if name == "<no Python frame>")
    assert unknown < 100_000


def test_a_large_script(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(SOURCE)
    assert_told(run(tmp_path, "large.py"), "<compile>", str(tmp_path / "large.py"))


def test_a_command(tmp_path: Path) -> None:
    assert_told(run(tmp_path, "-c", SOURCE), "<compile>", "<string>")


def test_a_compiled_script(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(SOURCE)
    py_compile.compile(str(tmp_path / "large.py"), str(tmp_path / "large.pyc"))
    assert_told(run(tmp_path, "large.pyc"), "<unmarshal>", str(tmp_path / "large.pyc"))


@pytest.mark.parametrize("ending", ["f0(\n", "raise SystemExit(3)\n", "x = '\\N{no such}'\n"])
def test_a_script_that_does_not_end_well(tmp_path: Path, ending: str) -> None:
    (tmp_path / "large.py").write_text(SOURCE + ending)
    assert_told(run(tmp_path, "large.py"), "<compile>", str(tmp_path / "large.py"))


def test_what_runs_afterwards_does_not_stand_under_it(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(SOURCE + "KEPT = [bytes(5000) for _ in range(100)]\n")
    run(tmp_path, "large.py")
    capture = memscope.load(tmp_path / "run.mscope")
    stacks = Stacks(capture)
    for node in set(capture.tables.rows.stack):
        if stacks.frame(node).function == "<module>":
            assert stacks.depth[node] == 1


def test_source_given_to_compile_is_its_callers(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        f"def build(text):\n    return compile(text, 'made.py', 'exec')\nCODE = build({SOURCE!r})\n"
    )
    found = run(tmp_path, "app.py")
    assert found["build", str(tmp_path / "app.py")] > 200 * FUNCTIONS


RELATIVE = """
import os
exec(compile(open("conf.py").read(), "conf.py", "exec"))
exec(compile("MADE = [bytes(100) for _ in range(1000)]", "made.tmpl", "exec"))
os.chdir("elsewhere")
exec(compile("LATE = [bytes(100) for _ in range(1000)]", "conf.py", "exec"))
"""


def test_relative_names_are_resolved_where_the_program_stands(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "conf.py").write_text("KEPT = [bytes(100) for _ in range(1000)]\n")
    (tmp_path / "app.py").write_text(RELATIVE)
    files = {file for _, file in run(tmp_path, "app.py")}
    assert str(tmp_path / "conf.py") in files
    assert {"made.tmpl", "conf.py"} <= files  # no files: of these there is only the name
    assert str(tmp_path / "elsewhere" / "conf.py") not in files


def summary_lines(path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "memscope", "summary", str(path)],
        cwd=path.parent,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.partition("Requested most")[2].splitlines()


@pytest.mark.parametrize("compiled", [False, True])
def test_modules_that_are_imported(tmp_path: Path, compiled: bool) -> None:
    (tmp_path / "large.py").write_text(SOURCE)
    if compiled:
        py_compile.compile(str(tmp_path / "large.py"))
    (tmp_path / "app.py").write_text("import sys\nsys.dont_write_bytecode = True\nimport large\n")
    run(tmp_path, "app.py")
    work = "<unmarshal modules>" if compiled else "<compile modules>"
    assert any(f"● {work}  app.py:3" in line for line in summary_lines(tmp_path / "run.mscope"))


def test_a_module_that_is_started(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(SOURCE)
    run(tmp_path, "-m", "large")
    lines = summary_lines(tmp_path / "run.mscope")
    assert "○ <compile modules>" in lines[1]


def test_compilation_is_no_work_of_a_line(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(SOURCE)
    run(tmp_path, "large.py")
    stacks = Stacks(memscope.load(tmp_path / "run.mscope"))
    functions = {stacks.frame(node).function for node, load in enumerate(stacks.importing) if load}
    assert "<compile>" in functions
    assert "<module>" not in functions
