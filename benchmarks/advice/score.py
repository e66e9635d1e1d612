"""Scores `memscope advise` on labelled programs: ``python benchmarks/advice/score.py --help``."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
import patches
import sensitivity
from gains import gains, gains_document
from judging import advise, judge, memscope, part_document
from labels import PARTS, programs
from tables import fill, markdown, text

from memscope.analysis.measures import Measures
from memscope.capture import load

RESULTS = Path(__file__).resolve().parent / "results"
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "advice.md"


@click.group(invoke_without_command=True)
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this part.")
@click.option("-k", "word", default="", help="Only programs whose name holds this.")
@click.option("--gains", "with_gains", is_flag=True, help="Measure what the fixes gain.")
@click.option("-n", "pairs_count", default=6, show_default=True, help="Pairs of runs for gains.")
@click.option(
    "--format", "shape", type=click.Choice(["text", "json", "markdown"]), default="text",
    show_default=True,
)  # fmt: skip
@click.option("--save", is_flag=True, help="Keep the outcome under benchmarks/advice/results.")
@click.option(
    "--captures", type=click.Path(path_type=Path, file_okay=False),
    help="Keep captures in this folder; of programs that have one there, it is taken.",
)  # fmt: skip
@click.pass_context
def main(
    context: click.Context,
    parts: tuple[str, ...],
    word: str,
    with_gains: bool,
    pairs_count: int,
    shape: str,
    save: bool,
    captures: Path | None,
) -> None:
    """Records each program, and holds what is advised of it against its labels."""
    if context.invoked_subcommand is not None:
        return
    document: dict[str, Any] = {"python": platform.python_version(), "parts": {}}
    rows = []
    for part in parts or PARTS:
        judged = []
        for program in programs(part):
            if word not in program.name:
                continue
            click.echo(f"{part}/{program.name}", err=True)
            kept = captures / part / f"{program.name}.mscope" if captures else None
            advised = advise(program.path, kept, native=program.native)
            judged.append(judge(program, advised))
            if with_gains:
                rows += gains(program, advised, pairs_count)
        document["parts"][part] = part_document(judged)
    if with_gains:
        document["gains"] = gains_document(rows)
    if save:
        RESULTS.mkdir(exist_ok=True)
        name = f"python{sys.version_info.major}{sys.version_info.minor}.json"
        (RESULTS / name).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    drawn = {"text": text, "markdown": markdown, "json": lambda it: json.dumps(it, indent=1)}
    click.echo(drawn[shape](document))


@main.command()
def render() -> None:
    """Puts the saved outcomes as tables into docs/advice.md."""
    saved = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    page = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(fill(page, "\n".join(markdown(one) for one in saved)), encoding="utf-8")


PART_OPTION = click.option(
    "--part", "parts", multiple=True, type=click.Choice([*PARTS, "tests"]),
    default=[*PARTS, "tests"], help="Only this part; `tests`: the programs of tests/advice.",
)  # fmt: skip
WORD_OPTION = click.option("-k", "word", default="", help="Only programs whose name holds this.")
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@main.command()
@PART_OPTION
@WORD_OPTION
@JSON_OPTION
@click.option("-n", "pairs_count", default=6, show_default=True, help="Pairs of runs.")
def patch(parts: tuple[str, ...], word: str, pairs_count: int, *, as_json: bool) -> None:
    """Makes each patch that advice offers, and says what it gains."""
    paths = patches.all_programs(parts, word)
    found = []
    for path in paths:
        click.echo(path.stem, err=True)
        found += patches.tried(path, pairs_count)
    drawn = patches.document if as_json else patches.text
    told = drawn(found, len(paths))
    click.echo(json.dumps(told, indent=1) if as_json else told)


@main.command()
@PART_OPTION
@WORD_OPTION
@JSON_OPTION
@click.option("--limit", "limit_word", default="", help="Only limits whose name holds this.")
@click.option(
    "--captures", type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Read the captures in this folder, instead of recording the programs.",
)  # fmt: skip
def policy(
    parts: tuple[str, ...], word: str, limit_word: str, captures: Path | None, *, as_json: bool
) -> None:
    """Moves each limit of advice by a quarter, and says how many verdicts move with it."""
    with tempfile.TemporaryDirectory() as folder:
        if captures is None:
            for path in patches.all_programs(parts, word):
                click.echo(path.stem, err=True)
                memscope("run", "-q", "-o", Path(folder) / f"{path.stem}.mscope", path)
        files = sorted(Path(captures or folder).glob("*.mscope"))
        chosen = [file for file in files if word in file.stem]
        measures = [Measures(load(file)) for file in chosen]
        as_is = sensitivity.verdicts(measures)
        found = []
        for moved in sensitivity.moved_limits(measures, as_is, limit_word):
            click.echo(f"{moved.limit.name} {moved.lower} {moved.higher}", err=True)
            found.append(moved)
    count = sum(map(len, as_is.values()))
    drawn = sensitivity.document if as_json else sensitivity.text
    told = drawn(found, count)
    click.echo(json.dumps(told, indent=1) if as_json else told)


if __name__ == "__main__":
    main()
