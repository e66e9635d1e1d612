"""`memscope report`: a capture, or the difference of two, as one HTML file."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from pathlib import Path

import click

from memscope.analysis.units import bytes_text
from memscope.cli.answer import check_not_among, open_capture
from memscope.cli.files import opened
from memscope.cli.newest import OnCapture
from memscope.cli.progress import steps, stop_bars
from memscope.cli.usercode import user_code_of_captures
from memscope.errors import one_line
from memscope.reports.html.difference import difference_page
from memscope.reports.html.single import capture_page


@click.command("report", cls=OnCapture)
@click.argument(
    "paths", metavar="CAPTURE | OLD NEW", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to.  [default: beside the capture, with the suffix .html]",
)
@click.option("-f", "--force", is_flag=True, help="Replace FILE if it exists.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what fails.")
@user_code_of_captures
@click.option("--no-source", is_flag=True, help="Leave out the lines of source files.")
def command(
    *, paths: tuple[Path, ...], output: Path | None, force: bool, quiet: bool, no_source: bool
) -> None:
    """Write a flame graph with tables as one HTML file that opens offline.

    Of two captures, OLD and NEW, it shows the difference.
    """
    if len(paths) > 2:
        raise click.UsageError("Name one capture, or two: OLD NEW.")
    # Reading makes millions of small objects and no cycles to speak of.
    gc.disable()
    place = paths[-1].with_suffix(".html") if output is None else output
    check_not_among(place, paths)
    with ExitStack() as stack:
        captures = [stack.enter_context(open_capture(path)) for path in paths]
        stream = stack.enter_context(opened(place, captures[-1].path, force))
        with steps("making the page") as told:
            page = (
                capture_page(captures[0], source=not no_source, progress=told)
                if len(captures) == 1
                else difference_page(captures[0], captures[1], told)
            )
        stop_bars()
        data = page.encode("utf-8", "backslashreplace")
        stream.write(data)
    if not quiet:
        said = f"memscope: the report is {one_line(str(place))} ({bytes_text(len(data))})"
        click.echo(said, err=True)
