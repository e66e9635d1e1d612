"""`memscope ab`: whether a change pays, measured without memscope in the programs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from memscope.analysis.ab import CHILDREN, FIGURES, Printed, ab, printed
from memscope.analysis.limits import GrowthLimit, Unit
from memscope.analysis.predictions import PredictedAdvice, read_advice
from memscope.analysis.significance import MIN_RUNS
from memscope.cli import limiting
from memscope.cli.answer import Destination, answer_options, check_not_among, give_about
from memscope.cli.progress import counting
from memscope.errors import MemscopeError
from memscope.reports.comparisons import ab_document

if TYPE_CHECKING:
    from rich.console import Console

LIMITED: Mapping[str, tuple[str, Unit]] = {
    "resident": ("resident_bytes", "bytes"),
    "cpu": ("cpu_s", "seconds"),
    "wall": ("wall_s", "seconds"),
    "faults": ("page_faults", "count"),
}


@click.command("ab")
@click.argument("before")
@click.argument("after")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- ARGS...]")
@click.option("-m", "--module", "modules", is_flag=True, help="Both are modules, as for python -m.")
@click.option(
    "--before-python", metavar="PYTHON",
    help="What runs BEFORE: an interpreter, or the directory of an environment.",
)  # fmt: skip
@click.option("--after-python", metavar="PYTHON", help="What runs AFTER.")
@click.option(
    "-n", "pairs_count", type=click.IntRange(MIN_RUNS), default=10, show_default=True,
    help=f"Runs of each, after a pair to warm up; at least {MIN_RUNS}.",
)  # fmt: skip
@click.option("--show-output", is_flag=True, help="Send what the programs print to stderr.")
@click.option(
    "--advice",
    "advice_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Compare the outcome with what this JSON of `memscope advise` predicted.",
)
@click.option(
    "--advice-number", type=click.IntRange(1), default=1, show_default=True, metavar="N",
    help="Which piece of the advice was followed.",
)  # fmt: skip
@limiting.fail_on_option(LIMITED)
@answer_options
def command(
    *,
    before: str,
    after: str,
    arguments: tuple[str, ...],
    modules: bool,
    before_python: str | None,
    after_python: str | None,
    pairs_count: int,
    show_output: bool,
    advice_path: Path | None,
    advice_number: int,
    limits: Sequence[GrowthLimit],
    as_json: bool,
    output: Path | None,
) -> None:
    """Say whether a change pays: run BEFORE and AFTER in turn, and compare what they took.

    Both are Python scripts, or with -m modules, run in fresh processes and without memscope: by
    this Python, or by those that are named. Arguments after -- go to both. Which of a pair runs
    first alternates. The first pair is not counted; it shows whether both print the same.
    """
    from memscope.recording.trials import interleaved

    if output is not None:
        inputs = [] if modules else [Path(before), Path(after)]
        check_not_among(output, [*inputs, *([advice_path] if advice_path else [])], "an input")
    advice = None if advice_path is None else _chosen(advice_path, advice_number)
    commands = [
        _command(program, python, arguments, modules=modules)
        for program, python in ((before, before_python), (after, after_python))
    ]
    outputs: list[Printed] = []
    with counting("running pairs", pairs_count + 1) as progress:
        trials = interleaved(
            commands[0], commands[1], pairs_count, show_output=show_output, progress=progress,
            printed=lambda old, new: outputs.append(printed(old, new)),
        )  # fmt: skip
    columns = [
        {name: [getattr(trial, name) for trial in side] for name in (*FIGURES, CHILDREN)}
        for side in trials
    ]
    found = ab(commands[0], commands[1], columns[0], columns[1], advice, printed=outputs[0])
    limiting.check_decidable(limits, found.figures)

    def draw(console: Console) -> None:
        from memscope.reports.terminal.ab import print_ab

        print_ab(console, found)

    give_about(Destination(as_json, output), (), lambda: ab_document(found, limits), draw)
    limiting.end(limits, found.figures)


def _command(
    program: str, python: str | None, arguments: tuple[str, ...], *, modules: bool
) -> list[str]:
    """What runs a program; raises MemscopeError where it surely cannot."""
    from memscope.recording.target import Target, check_target, interpreter_flags

    if not modules:
        check_target(Target("file", program, arguments))
    interpreter = sys.executable if python is None else _interpreter(python)
    return [interpreter, *interpreter_flags(), *["-m"] * modules, program, *arguments]


def _interpreter(name: str) -> str:
    """The path of a Python that is named by path, as a command, or by its environment."""
    path = Path(name) / "bin" / "python" if Path(name).is_dir() else name
    found = shutil.which(path)
    if found is None:
        what = "there is no such interpreter"
        raise MemscopeError(what, path, "name a Python, or the directory of an environment")
    return str(Path(found).absolute())


def _chosen(path: Path, number: int) -> PredictedAdvice:
    try:
        advice = read_advice(json.loads(path.read_bytes()))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise MemscopeError(f"cannot be read: {reason}", path) from None
    except (ValueError, RecursionError) as error:
        told = str(error) if not isinstance(error, json.JSONDecodeError) else "it is not JSON"
        raise MemscopeError(
            f"cannot be used as advice: {told}", path, "write it with memscope advise --json"
        ) from None
    if number > len(advice):
        raise MemscopeError(f"has {len(advice)} pieces of advice, and no number {number}", path)
    return advice[number - 1]
