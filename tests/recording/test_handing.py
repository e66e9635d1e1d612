"""While the program runs its supervisor is no interpreter; where it cannot be so, it is one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.console import command, environment

from memscope.capture import load
from memscope.recording.handing import executable

# Tells who its parent is: the file that it executes, its name, and its words.
TELLS = """
import os, sys, time
parent = os.getppid()
while "python" not in sys.argv and "_supervisor" not in os.readlink(f"/proc/{parent}/exe"):
    time.sleep(0.01)
time.sleep(0.1)  # to take its name
kept = [str(n) * 9 for n in range(3000)]
print(os.readlink(f"/proc/{parent}/exe"))
print(open(f"/proc/{parent}/comm").read().strip())
print(open(f"/proc/{parent}/cmdline").read().replace("\\0", " ").strip())
sys.exit(7)
"""
# For each interpreter of memscope's own.
OURS = 'import os, sys\nif "_boot.py" not in str(sys.orig_argv):\n    '
NOT_THERE = (
    "import memscope.recording.handing as handing; handing.executable = lambda: '/not/there'\n"
)
CANNOT_END = 'if "_finish.py" in str(sys.orig_argv): os._exit(1)\n'


def run(
    tmp_path: Path, *words: str, ahead: str = "", start: list[str] | None = None
) -> tuple[int, list[str], str]:
    (tmp_path / "tells.py").write_text(TELLS)
    (tmp_path / "ahead").mkdir()
    (tmp_path / "ahead" / "sitecustomize.py").write_text(ahead)
    path = f"{tmp_path / 'ahead'}{os.pathsep}{environment()['PYTHONPATH']}"
    begin = command("run") if start is None else start
    done = subprocess.run(
        [*begin, "-o", "c.mscope", "-q", "tells.py", *words],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": path}),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def test_it_executes_a_program_without_python_and_looks_as_before(tmp_path: Path) -> None:
    status, (file, name, words), said = run(tmp_path)
    assert (status, said) == (7, "")
    assert file == os.path.realpath(executable())
    assert name == Path(sys.executable).name[:15]
    assert words.endswith("-o c.mscope -q tells.py")
    assert load(tmp_path / "c.mscope").complete


@pytest.mark.parametrize("why", ["it is not there", "somebody calls main", "--every"])
def test_where_that_cannot_be_the_interpreter_goes_on(tmp_path: Path, why: str) -> None:
    code = "import sys; from memscope.cli.main import main; sys.argv[0] = 'memscope'; main()"
    start = [sys.executable, "-c", code, "run"] if why == "somebody calls main" else None
    if why == "--every":
        start = [*command("run"), "--every", "60s"]
    ahead = OURS + NOT_THERE if why == "it is not there" else ""
    status, (file, *_), said = run(tmp_path, "python", ahead=ahead, start=start)
    assert (status, said) == (7, "")
    assert file == os.path.realpath(sys.executable)
    assert load(tmp_path / "c.mscope").complete


def test_the_program_s_status_is_kept_where_no_interpreter_can_report(tmp_path: Path) -> None:
    status, (file, *_), said = run(tmp_path, ahead=OURS + CANNOT_END)
    assert (status, said) == (7, "")
    assert file == os.path.realpath(executable())
    assert load(tmp_path / "c.mscope").complete, "as it was recorded"
