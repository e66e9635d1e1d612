"""The tutorials do what they say, and no page types what memscope does not know."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli import console

from docs import pages
from memscope.cli.commands import SUBCOMMANDS, cli

# Those of docs/howto that need nothing but Python.
FOLLOWED_TASKS = ["ci", "compare-releases", "containers"]
DOCS = pages.ROOT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
FOLLOWED = [
    *TUTORIALS,
    DOCS / "peers.md",
    *(DOCS / "howto" / f"{name}.md" for name in FOLLOWED_TASKS),
]
# Decisions are as they were when they were made.
ALL = [pages.ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("[hrt]*/*.md"))]
TYPED = re.compile(r"\bmemscope ([a-z]+)((?: +[^\s`|&;#)]+)*)")
OPTION = re.compile(r"(?<=\s)(--[a-z][a-z-]+)")


@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page: Path, tmp_path: Path) -> None:
    pages.hold(page, tmp_path)


def test_a_page_answers_alike_where_it_is_followed_for_a_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in pages.UNLIKE:
        monkeypatch.setenv(name, "1")
    (tmp_path / "test_it.py").write_text(
        f"def test_it():\n    raise ValueError({'long ' * 40!r})\n"
    )
    terminal = pages.Terminal(tmp_path)
    try:
        answer = terminal.type("pytest -q")
    finally:
        terminal.close()
    assert "\x1b[" not in answer
    assert re.search(r"^FAILED .*\.\.\.$", answer, re.MULTILINE)  # cut at the terminal's width


def test_what_varies_is_left_out_and_nothing_else() -> None:
    answer = "peak   25 MiB  at 1.2 s\n━━━━  23 MiB  ● read  sales.py:19\n"
    assert not pages.missing("peak  12 KiB …\n  9 B  ● read  sales.py:3", answer)
    assert pages.missing("peak …\n write …", answer)
    assert pages.missing("at peak", answer)
    assert pages.missing("peak 25 MiB", answer)  # the rest is there, and not shown
    busy = "the program ended with status 0 · waited 7 ms for the recorder (4 times)\nnext"
    assert not pages.missing("the program ended with status 0\nnext", busy)


def options_typed(page: Path) -> Iterator[tuple[str, str]]:
    """Each subcommand that a page types with options of memscope's own, and the option."""
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    in_code = re.findall(r"`(memscope [^`]+)`", text)
    in_blocks = [block.text for block in pages.blocks(page) if not block.title]
    in_blocks += re.findall(r"^    (?:\$ )?(memscope .*)$", text, re.MULTILINE)
    for place in [*in_code, *in_blocks]:
        for name, rest in TYPED.findall(place):
            for option in OPTION.findall(own_part(name, rest)):
                yield name, option


def own_part(name: str, rest: str) -> str:
    """Of `memscope run` what stands before the program."""
    if name != "run":
        return rest.partition(" -- ")[0]
    return re.split(r" (?:-[mc]\b|\S+\.py\b|…|--$)", rest)[0]


def known(name: str) -> set[str]:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    options = [option for option in command.params if isinstance(option, click.Option)]
    return {word for option in options for word in [*option.opts, *option.secondary_opts]}


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.stem)
def test_a_page_types_options_that_there_are(page: Path) -> None:
    asked = [(name, option) for name, option in options_typed(page) if name in SUBCOMMANDS]
    unknown = [item for item in asked if item[1] not in known(item[0]) | {"--help"}]
    assert not unknown


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.stem)
def test_python_on_a_page_can_be_compiled(page: Path) -> None:
    """Where a page is not followed, as for want of a server, its code is Python all the same."""
    for block in pages.blocks(page):
        if block.language == "python":
            lines = (line for line in block.text.splitlines() if not line.startswith("%"))
            compile("\n".join(lines), str(page), "exec", ast.PyCF_ONLY_AST)
        elif block.language == "json":
            json.loads(block.text)


def test_the_names_of_json_are_those_of_answers(tmp_path: Path) -> None:
    capture = tmp_path / "some.mscope"
    console.call("run", "-q", "-o", capture, "-c", "kept = [bytes(99) for _ in range(999)]")
    text = (DOCS / "reference" / "json.md").read_text(encoding="utf-8")
    common = names_of(section(text, "All of them"))
    for name in ["summary", "hotspots", "types", "rss", "fits", "advise", "compare"]:
        more = {"compare": [capture], "fits": ["64MB"]}.get(name, [])
        answer = json.loads(console.call(name, "--json", capture, *more).stdout)
        told = names_of(section(text, name))
        assert set(answer) <= told | common, name
        assert told <= set(answer) | {key for key in told if f'"{key}"' in json.dumps(answer)}, name
    rows = json.loads(console.call("hotspots", "--json", capture).stdout)["rows"]
    assert names_of(section(text, "A row of code")) - {"stack"} <= set(rows[0])


def section(text: str, title: str) -> str:
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def names_of(text: str) -> set[str]:
    """What stands in the first column of a section's table."""
    return set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\|([^|]*)\|", text, re.MULTILINE))))


def test_pages_are_looked_at() -> None:
    found = [item for page in ALL for item in options_typed(page)]
    assert len(TUTORIALS) >= 3
    assert ("run", "--serve") in found
    assert len(found) > 60


def test_the_list_of_decisions_has_each_once_and_in_order() -> None:
    folder = DOCS / "decisions"
    listed = re.findall(r"^- \[\d{4}: .*\]\((.*)\)$", (folder / "README.md").read_text(), re.M)
    assert listed == sorted(page.name for page in folder.glob("[0-9]*.md"))
