"""`%%memscope` for a cell and `%memscope` for a statement: each runs once, and is recorded."""

from __future__ import annotations

import shlex
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.display import display

from memscope.analysis.limits import parse_size
from memscope.capture import load
from memscope.errors import MemscopeError
from memscope.notebook.cells import Code, cell_number, compiled
from memscope.notebook.figures import figures_of
from memscope.notebook.shown import Shown
from memscope.recording.record import Recording, record
from memscope.reports.html.single import capture_page


@click.command("memscope", add_help_option=False)
@click.option("-n", "limit", type=click.IntRange(0), default=5, help="Lines.  [default: 5]")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Keep the capture here.")
@click.option("-f", "--force", is_flag=True, help="Replace it.")
@click.option("--sample", default="0", help="Mean bytes between samples; 0 is exact.")
@click.option("--no-report", is_flag=True, help="Figures alone, without the report.")
@click.option("--no-names", is_flag=True, help="Do not look for the names that keep memory.")
@click.argument("statement", nargs=-1, type=click.UNPROCESSED)
def _options(**options: Any) -> dict[str, Any]:
    return options


@magics_class
class MemscopeMagics(Magics):
    """The magics, as IPython registers them."""

    @line_cell_magic
    def memscope(self, line: str, cell: str | None = None) -> object:
        """Run a cell or a statement once, and show what memory it took.

        %%memscope [-n LINES] [-o FILE [-f]] [--sample BYTES] [--no-report] [--no-names]
        %memscope STATEMENT
        """
        options, statement = _parsed(line, cell)
        assert isinstance(self.shell, InteractiveShell)
        code = compiled(self.shell, statement, above=0 if cell is None else 1)
        with tempfile.TemporaryDirectory(prefix="memscope-") as place:
            kept = options["output"]
            run = CellRun(self.shell, code, Path(place, "cell.mscope") if kept is None else kept)
            try:
                return run.once(options)
            finally:
                display(run.shown(options))


class CellRun:
    """One run of a cell. Its frames must hold the notebook's names by no name of their own: names
    that keep memory are looked for meanwhile.
    """

    def __init__(self, shell: InteractiveShell, code: Code, path: Path) -> None:
        self._shell = shell
        self._code = code
        self._path = path
        self._duration_s = 0.0
        self._value_name = f"Out[{cell_number(shell)}]"
        self._problem = ""
        self._recording: Recording | None = None

    def once(self, options: dict[str, Any]) -> object:
        """What the last expression gives; whatever the code raises passes."""
        self._recording = _recording(self._path, options)
        try:
            self._recording.start()
        except MemscopeError as error:
            self._problem = str(error)
        began = time.perf_counter()
        try:
            return self._code.run(self._shell)
        finally:
            self._duration_s = time.perf_counter() - began
            self._end(names=not options["no_names"])

    def _end(self, *, names: bool) -> None:
        assert self._recording is not None
        if not self._recording.is_on:
            return
        if names:
            self._recording.snapshot()
        try:
            self._recording.stop()
        except MemscopeError as error:
            self._problem = str(error)

    def shown(self, options: dict[str, Any]) -> Shown:
        """What the notebook shows of it; why there are no figures, if there are none."""
        recording = self._recording
        if recording is None or recording.path is None:
            told = recording.problem if recording is not None else None
            return Shown.refused(self._problem or told or "the cell was not recorded")
        try:
            with load(recording.path) as capture:
                figures = figures_of(capture, options["limit"], self._duration_s, self._value_name)
                page = "" if options["no_report"] else capture_page(capture)
        except MemscopeError as error:
            return Shown.refused(str(error))
        return Shown(figures, page)


def _parsed(line: str, cell: str | None) -> tuple[dict[str, Any], str]:
    """The options, and what is to be run."""
    try:
        words = shlex.split(line) if cell is not None else line.split()
        parser = _options.make_context("memscope", words)
        options: dict[str, Any] = parser.params
    except (click.ClickException, ValueError) as error:
        text = error.format_message() if isinstance(error, click.ClickException) else str(error)
        raise UsageError(f"memscope: {text}") from None
    if cell is not None:
        if options["statement"]:
            raise UsageError(f"memscope: {' '.join(options['statement'])!r} is not an option")
        return options, cell
    # As it was written: splitting into words has lost what lay in between.
    first = options["statement"][0] if options["statement"] else ""
    return options, line[line.index(first) :] if first else ""


def _recording(path: Path, options: dict[str, Any]) -> Recording:
    try:
        sample_bytes = parse_size(options["sample"], bare=True)
    except ValueError as error:
        raise UsageError(f"memscope: --sample: {error}") from None
    return record(path, sample_bytes=sample_bytes, force=options["force"])
