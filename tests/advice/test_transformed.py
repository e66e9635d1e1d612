"""The same programs in other words: other names, a helper, dead code. What is advised stays."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from advice.test_programs import PROGRAMS, look, marks
from advice.transforming import called_by_a_helper, renamed, with_dead_code

# A third of the programs each: all of them are as many recordings again as there are programs.
CHANGES = (renamed, called_by_a_helper, with_dead_code)


def test_a_program_has_other_names_and_the_same_lines() -> None:
    text = "import os\ndef fill(table, size):\n    kept = [size]\n    table.append(kept)\n"
    text += "    return os.sep.join(str(size) for size in kept)\nfill([], size=3)\n"
    other = renamed(text)
    assert not {"fill", "table", "kept", "size"} & set(other.replace("(", " ").split())
    assert ".append(" in other
    assert "os.sep.join(str(" in other
    assert len(other.splitlines()) == len(text.splitlines())
    assert ast.dump(ast.parse(renamed(other))) == ast.dump(ast.parse(other))


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.skipif(sys.version_info < (3, 12), reason="names within f-strings are no tokens there")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_advice_stays(program: Path, tmp_path: Path) -> None:
    change = CHANGES[PROGRAMS.index(program) % len(CHANGES)]
    other = tmp_path / program.name
    other.write_text(change(program.read_text()))
    advised, said = look(other, tmp_path / "it.mscope")
    assert advised == marks(program), said
