"""The summary of several processes: each on a line, their sums, and what made the peaks."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.summary import Summary
from memscope.analysis.together import Together
from memscope.analysis.units import bytes_text, plural
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, WARNING, Glyphs
from memscope.reports.terminal.summary import how_it_ended, print_sites

VALUE_WIDTH = 10
SITES = 6
COLUMNS = ("peak", "resident", "requested", "at end")


def print_together(console: Console, found: Together) -> None:
    glyphs = elements.glyphs_for(console)
    first = found.processes[0]
    partial = not all(each.complete for each in found.processes)
    elements.heading(console, "memscope", first.meta, complete=not partial)
    header = "".join(name.rjust(VALUE_WIDTH) for name in COLUMNS)
    _print(console, Text(f"{header}  process", style=FAINT))
    for summary in found.processes:
        told = Text(_figures(
            summary.total.peak_bytes, summary.resident.peak_bytes,
            summary.total.allocated_bytes, summary.total.live_bytes,
        ))  # fmt: skip
        _print(console, told.append("  ").append_text(_process(summary, console.width, glyphs)))
    sums = _figures(
        found.peaks_bytes, found.residents_bytes, found.allocated_bytes, found.live_bytes
    )
    count = plural(len(found.processes), "process", "processes")
    _print(console, Text.assemble((sums, HEADING), f"  {count}, summed"))
    console.print()
    about = glyphs.about if first.meta.sampled else ""
    _print(console, Text(f"live at one time: {about}{bytes_text(found.highest_bytes)} at most"))
    shared = "each peak is at its own time; shared pages count for each process"
    console.print(Text(shared, style=FAINT))
    print_sites(console, "Made the peaks", found.made_peaks, first.stacks, SITES, legend=True)
    if partial:
        console.print()
        _print(console, Text("some captures are partial: memscope info", style=WARNING))


def _figures(*values: float) -> str:
    return "".join(bytes_text(value).rjust(VALUE_WIDTH) for value in values)


def _process(summary: Summary, width: int, glyphs: Glyphs) -> Text:
    """Its number, what it runs, and how it ended if that was not well."""
    number = str(summary.meta.pid or "")
    room = max(width - len(COLUMNS) * VALUE_WIDTH - len(number) - 4, 8)
    ended = summary.exit
    if ended is not None and (ended.signal is not None or ended.status):
        told, style = how_it_ended(ended).removeprefix("the program "), WARNING
    else:
        told, style = one_line(summary.path), FAINT
    return Text.assemble(number, "  ", (elements.cut_front(told, room, glyphs), style))


def _print(console: Console, line: Text) -> None:
    console.print(line, no_wrap=True, overflow="ellipsis")
