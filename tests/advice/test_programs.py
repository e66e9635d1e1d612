"""Small real programs: each says in comments what must be advised of which line, and nothing else.

`# advise: KIND` marks a line (`KIND before 3.14`, `KIND from 3.12`: only there); a program without
marks is one about which nothing may be said. `# forbid: KIND` stands in one that tempts to say what
is told only if the program was asked. On 3.11 a few hundred objects may all lie in arenas
that the recorder does not know.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from advice.fixes import inventions
from cli.console import call

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
MARK = re.compile(r"# advise: ([\w-]+)(?: before 3\.(\d+))?(?: from 3\.(\d+))?")

FORBIDDEN = re.compile(r"# forbid: ([\w-]+)")


def marks(path: Path) -> set[tuple[str, int]]:
    return {
        (found[1], number)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for found in MARK.finditer(line)
        if sys.version_info < (3, int(found[2] or 99))
        and sys.version_info >= (3, int(found[3] or 0))
    }


def check_facts(evidence: dict[str, Any]) -> None:
    """The facts are told once each, keep to the limits that they were held to, and some decide."""
    facts = {fact["name"]: fact for fact in evidence["facts"]}
    assert len(facts) == len(evidence["facts"])
    assert {name: fact["value"] for name, fact in facts.items()} == {
        name: value for name, value in evidence.items() if name != "facts"
    }
    for fact in facts.values():
        assert fact["source"] in ("measured", "read", "modelled", "assumed")
        assert fact.get("least", fact["value"]) <= fact["value"], fact
        assert fact.get("most", fact["value"]) >= fact["value"], fact
    assert {"measured"} < {fact["source"] for fact in facts.values()}
    assert any(fact["decides"] for fact in facts.values())


def look(program: Path, capture: Path) -> tuple[set[tuple[str, int]], list[dict[str, Any]]]:
    """What is advised of the program, and everything that was said."""
    ran = call("run", "-f", "-q", "-o", capture, program)
    assert ran.returncode == 0, ran.stderr
    done = call("advise", "--json", "-n", "0", capture)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert not [note for note in document["notes"] if " failed: " in note]
    assert not inventions(capture)
    for item in document["advice"]:
        check_facts(item["evidence"])
    advised = {
        (item["kind"], item["site"]["line"])
        for item in document["advice"]
        if item["site"]["file"] == str(program)
    }
    assert len(advised) == len(document["advice"])
    # The collector's share is an estimate, and high on a busy machine. When arenas are looked at is
    # a matter of time, and so is whether a short program is asked about its objects. Where a
    # program is not about these, they may come or not.
    asked = {kind for kind, _ in marks(program)} | {*FORBIDDEN.findall(program.read_text())}
    by_time = {"gc-pressure", "cycles", "arena-pinning", "duplicates", "over-allocated"} - asked
    advised = {(kind, line) for kind, line in advised if kind not in by_time}
    return advised, document["advice"] + document["rejected"]


# Each takes two or three seconds. So each Python runs a third of them, and those of the CI all.
THIRDS = {11: 0, 12: 1, 15: 2}
THIRD = THIRDS.get(sys.version_info.minor, 0)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(program, marks=[] if place % 3 == THIRD else [pytest.mark.exhaustive])
        for place, program in enumerate(PROGRAMS)
    ],
    ids=lambda path: path.stem,
)
def test_a_program(program: Path, tmp_path: Path) -> None:
    advised, said = look(program, tmp_path / "it.mscope")
    assert advised == marks(program), said
