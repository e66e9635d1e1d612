"""What a notebook shows of a cell: figures and lines as text or HTML, and the report within."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from memscope.analysis.units import bytes_text, count_text, time_text
from memscope.errors import one_line
from memscope.notebook.figures import CellFigures

_STYLE = "font-variant-numeric: tabular-nums; border-collapse: collapse"
_LEFT = "text-align: left; font-family: monospace; padding: 2px 16px 2px 0"
_RIGHT = "text-align: right; padding: 2px 0 2px 16px"
_FRAME = "width: 100%; height: 720px; border: 1px solid rgba(128, 128, 128, .4); border-radius: 6px"


class Shown:
    """The answer of one cell, as IPython asks for it.

    The report is a document of its own in a frame that may run its one script and nothing else; it
    is in the notebook's file, and stays in what that is exported to.
    """

    def __init__(self, figures: CellFigures | None, page: str = "", problem: str = "") -> None:
        self._figures = figures
        self._page = page
        self._problem = problem

    @classmethod
    def refused(cls, problem: str) -> Shown:
        """That there are no figures, and why."""
        return cls(None, problem=problem)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": "\n".join(self._text()), "text/html": "".join(self._html())}

    def _text(self) -> Iterator[str]:
        figures = self._figures
        if figures is None:
            yield f"memscope: {one_line(self._problem)}"
            return
        yield _head(figures)
        for title, rows in _tables(figures):
            yield f"{title}:"
            for amount, *names in rows:
                yield f"  {amount:>9}  {'  '.join(filter(None, names))}"
        yield from figures.notes

    def _html(self) -> Iterator[str]:
        figures = self._figures
        if figures is None:
            yield f"<p>memscope: {escape(one_line(self._problem))}</p>"
            return
        yield f"<p><b>memscope</b> {escape(_head(figures).removeprefix('memscope '))}</p>"
        for title, rows in _tables(figures):
            yield f'<table style="{_STYLE}"><caption style="{_LEFT}">{escape(title)}</caption>'
            for amount, *names in rows:
                name = escape("  ".join(filter(None, names)))
                yield f'<tr><td style="{_RIGHT}">{amount}</td><td style="{_LEFT}">{name}</td></tr>'
            yield "</table>"
        for note in figures.notes:
            yield f"<p>{escape(one_line(note))}</p>"
        if self._page:
            inner = escape(self._page)
            yield (
                "<details><summary>Report</summary>"
                f'<iframe sandbox="allow-scripts" srcdoc="{inner}" style="{_FRAME}"></iframe>'
                "</details>"
            )


def _head(figures: CellFigures) -> str:
    about = "about " if figures.sampled else ""
    sure = "" if figures.complete else ", partial: all is too low"
    return (
        f"memscope peak {about}{bytes_text(figures.peak_bytes)}, requested"
        f" {bytes_text(figures.allocated_bytes)} in {count_text(figures.allocations)} allocations,"
        f" kept {bytes_text(figures.live_bytes)}, in {time_text(figures.duration_s)}{sure}"
    )


def _tables(figures: CellFigures) -> Iterator[tuple[str, Sequence[tuple[str, ...]]]]:
    """Titles, and rows of an amount and names."""
    at_peak = [
        (bytes_text(line.peak_bytes), one_line(line.place), one_line(line.function))
        for line in figures.lines
    ]
    if at_peak:
        yield "live at the peak, by line", at_peak
    if figures.names:
        kept = [(bytes_text(name.bytes), one_line(name.path)) for name in figures.names]
        yield "kept by this cell, by name", kept
