"""A compiled part of another version: one line, wherever it is met."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden" / "golden.mscope"
SAID = "memscope's compiled part is of another version: reinstall memscope"
# As it was before there was such a number, and as it is after it has changed.
OLDER = ("del {module}.INTERFACE", "{module}.INTERFACE += 1")
WAYS = {
    "run": "sys.argv = ['memscope', 'run', '-q', 'script.py']; main()",
    "summary": f"sys.argv = ['memscope', 'summary', {str(GOLDEN)!r}]; main()",
    "record": "memscope.record('a.mscope').start()",
    "load": f"memscope.load({str(GOLDEN)!r})",
    "pytest": "sys.exit(pytest.main(['-q', '--memscope', '.']))",
}


@pytest.mark.parametrize("older", OLDER)
@pytest.mark.parametrize("way", WAYS)
def test_it_is_said_in_one_line(tmp_path: Path, way: str, older: str) -> None:
    (tmp_path / "script.py").write_text("print('it ran')\n")
    code = "\n".join(
        (
            "import sys, pytest, memscope",
            "from memscope import _recorder",
            "from memscope.capture import _columns",
            "from memscope.cli.main import main",
            *(older.format(module=module) for module in ("_recorder", "_columns")),
            WAYS[way],
        )
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if SAID in line]
    assert len(told) == 1
    if way in ("run", "summary"):
        assert done.stderr == f"memscope: {SAID}\n"
    if way == "pytest":
        assert "Traceback" not in done.stderr
    assert "it ran" not in done.stdout


def test_the_one_that_is_installed_is_of_this_version() -> None:
    from memscope import _recorder
    from memscope.capture import _columns
    from memscope.compiled import other_version

    assert (other_version(_recorder), other_version(_columns)) == ("", "")
