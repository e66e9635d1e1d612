"""`memscope fleet`: one question to all captures of a data set."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from memscope.cli.answer import Destination, answer_options, give_about
from memscope.cli.files import opened
from memscope.cli.selecting import MeasureChoice
from memscope.errors import one_line
from memscope.fleet.asking import FLEET_BYS, QUESTIONS, Asked, FleetBy, Question
from memscope.fleet.engines import ENGINES, open_engine
from memscope.fleet.questions import ask
from memscope.reports.fleetdocuments import fleet_document

if TYPE_CHECKING:
    from rich.console import Console

COMPACT = "compact"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_of(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day such as 2026-11-30") from None


def _release(value: str) -> str:
    return value.removeprefix("version=")


def _compact(place: str) -> None:
    from memscope.fleet.compacting import compact

    if "://" in place:
        raise click.UsageError("compact is for a folder of this machine.")
    done = compact(Path(place))
    what = f"{done.runs:,} runs in {done.folders:,} folders" if done.runs else "nothing to do"
    click.echo(f"memscope: compacted {one_line(place)}: {what}", err=True)


@click.command("fleet")
@click.argument("place", metavar="DIR|URL")
@click.argument("question", type=click.Choice((*QUESTIONS, COMPACT)))
@click.option(
    "--by", type=MeasureChoice(FLEET_BYS), default="peak_bytes", show_default=True,
    help="What to compare lines by.",
)  # fmt: skip
@click.option(
    "--service", "services", multiple=True, metavar="NAME",
    help="Only runs of this service; may be given several times.",
)  # fmt: skip
@click.option(
    "--since", metavar="DAY", callback=day_of, help="Only runs since this day: 2026-11-30."
)
@click.option("--old", metavar="VERSION", default="", help="regressions: the release before.")
@click.option("--new", metavar="VERSION", default="", help="regressions: the release after.")
@click.option(
    "--near", type=click.IntRange(1, 100), default=80, show_default=True, metavar="PERCENT",
    help="limits: a service is near a limit from this share on.",
)  # fmt: skip
@click.option("--own-only", is_flag=True, help="User code alone, without libraries.")
@click.option(
    "-n", "limit", type=click.IntRange(0), default=20, show_default=True, help="Rows; 0 for all."
)
@click.option(
    "--engine", type=click.Choice(list(ENGINES)), default="duckdb", show_default=True,
    help="What answers; spark needs pyspark, and Java.",
)  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page.")
@click.option("--force", is_flag=True, help="Replace the page if it exists.")
@answer_options
def command(
    *,
    place: str,
    question: str,
    by: str,
    services: tuple[str, ...],
    since: date | None,
    old: str,
    new: str,
    near: int,
    own_only: bool,
    limit: int,
    engine: str,
    html: Path | None,
    force: bool,
    as_json: bool,
    output: Path | None,
) -> None:
    """Ask one question of all captures in a data set.

    \b
    top          which lines have the most, over all services
    grew         which line has had more since which release
    regressions  which lines grew between two releases, beyond noise
    limits       which services came near their memory limit
    compact      no question: have the runs of each day in one file, which is faster to read

    memscope export --format parquet adds captures to the data set.
    """
    if question == COMPACT:
        _compact(place)
        return
    if bool(old) != bool(new):
        raise click.UsageError("--old and --new go together.")
    if old and question != "regressions":
        raise click.UsageError("--old and --new go with regressions.")
    asked = Asked(
        question=cast(Question, question),
        by=cast(FleetBy, by),
        limit=limit,
        services=services,
        since=since,
        own_only=own_only,
        old=_release(old),
        new=_release(new),
        near=near,
    )
    working = open_engine(engine, place)
    try:
        answer = ask(working, asked)
    finally:
        working.close()
    if html is not None:
        from memscope.reports.html.fleet import fleet_page

        with opened(html, Path(place), force) as stream:
            stream.write(fleet_page(answer, place).encode("utf-8", "backslashreplace"))
        click.echo(f"memscope: the page is {one_line(str(html))}", err=True)
        if not as_json and output is None:
            return

    def draw(console: Console) -> None:
        from memscope.reports.terminal.fleet import print_answer

        print_answer(console, answer)

    give_about(Destination(as_json, output), [], lambda: fleet_document(answer, place), draw)
