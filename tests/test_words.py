"""One word for each thing, the field's own: docs/glossary.md has them.

What they replaced does not come back, in text or in names. Words that are also plain English, such
as watch or runs, are left out of the first list, and no module may have them for its name.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What was said, and what is said now.
REPLACED = {
    r"tall(y|ies)": "counter",
    r"intake": "event dispatch",
    r"main ring": "SPSC ring",
    r"side ring": "MPSC ring",
    r"line tree": "calling-context tree",
    r"END object": "run summary",
    r"judges?": "oracle in tests, evaluate in advice",
    r"verbs?": "subcommand",
    r"laps?": "section",
}
# The names of modules, and what the module is of.
NOT_MODULES = {
    "sums": "counters",
    "runs": "fast path",
    "intake": "event dispatch",
    "watch": "process sampler",
    "choice": "attribution filter",
    "ending": "run summary",
    "ages": "lifetime histogram",
    "moment": "epoch",
    "point": "timeline sample",
    "holders": "retainers",
    "case": "context",
    "judge": "oracle or evaluation",
    "judges": "oracles",
    "verbs": "subcommands",
    "laps": "sections",
    "rooms": "modules",
}
SOURCES = [
    path
    for place in ("cext", "memscope", "docs", "tests", "benchmarks", "reliability", ".ci")
    for path in sorted((ROOT / place).rglob("*"))
    if path.suffix in {".c", ".h", ".py", ".pyi", ".md", ".mjs", ".pml"}
] + [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Makefile")]
# Programs to record are as others write them, and these two are about the words themselves.
EXCEPT = re.compile(
    r"tests/advice/programs/|benchmarks/advice/|tests/test_words\.py|docs/glossary\.md"
    r"|\.ci/commit_subjects\.py|tests/test_commit_subjects\.py"
)


# What `memscope --help` calls the subcommands that say how good something is.
A_GROUP = re.compile(r'"Judge:?"')


def checked() -> list[Path]:
    return [path for path in SOURCES if not EXCEPT.match(path.relative_to(ROOT).as_posix())]


def occurrences(pattern: str) -> list[str]:
    """Where a word stands, by itself or as a part of a name."""
    word = re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])", re.IGNORECASE)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in checked()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(A_GROUP.sub("", line))
    ]


@pytest.mark.parametrize("pattern", REPLACED)
def test_a_replaced_word_does_not_come_back(pattern: str) -> None:
    assert not occurrences(pattern), f"say {REPLACED[pattern]}"


@pytest.mark.parametrize("name", NOT_MODULES)
def test_no_module_has_a_replaced_name(name: str) -> None:
    modules = [path for path in checked() if path.suffix != ".md"]  # a page may be of a subcommand
    named = [path for path in modules if path.stem.removeprefix("test_") == name]
    assert not named, f"these are of {NOT_MODULES[name]}"


def test_the_rules_would_notice() -> None:
    assert len(checked()) > 300
    assert occurrences("fast path")
    assert occurrences("spsc")  # of a name such as MS_SPSC_RING, too


def test_the_glossary_has_what_is_said_instead() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()
    for said in ["counter", "event dispatch", "spsc ring", "mpsc ring", "oracle", "subcommand"]:
        assert f"| {said}" in glossary
