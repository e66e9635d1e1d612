"""The summary: one screen of 80 by 24 that says where the memory went and what to ask next."""

from __future__ import annotations

import shlex
import signal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from memscope.analysis.hotspots import Hotspots
from memscope.analysis.summary import Summary
from memscope.analysis.timeline import resample
from memscope.capture.description import Exit
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, Glyphs, bar, glyphs_for
from memscope.reports.units import bytes_text, count_text, plural, share_text, time_text

LABEL_WIDTH = 10
VALUE_WIDTH = 10
# An interpreter with its modules takes 10 to 20 MiB that no allocation stands for.
LEAST_UNSEEN_BYTES = 32 << 20
BAR_WIDTH = 12
SITES = 4


def print_summary(console: Console, summary: Summary) -> None:
    glyphs = glyphs_for(console)
    elements.heading(console, "memscope", summary.meta, complete=summary.complete)
    _facts(console, summary, glyphs)
    if summary.total.allocations > 0:
        # A partial capture says why in the place of one line of each list: the screen stays one.
        sites = SITES if summary.complete else SITES - 1
        _sites(console, "Made the peak", summary.made_peak, summary, sites)
        _sites(console, "Allocated most", summary.churned, summary, sites)
    else:
        console.print()
        console.print(Text("Nothing was allocated while memscope was recording."))
    console.print()
    elements.notes(console, summary.notes, most=2)
    console.print(_ending(summary, glyphs, console.width))
    _next(console, summary, glyphs)


def _facts(console: Console, summary: Summary, glyphs: Glyphs) -> None:
    total = summary.total
    about = glyphs.about if summary.meta.sampled else ""
    seconds = summary.duration_ns / 1e9

    def fact(label: str, value: str, rest: str) -> None:
        line = Text.assemble(
            (label.ljust(LABEL_WIDTH), FAINT), (value.rjust(VALUE_WIDTH), HEADING), "  ", rest
        )
        line.truncate(console.width, overflow="ellipsis")
        console.print(line)

    peak = f"at {time_text(summary.peak_time_ns / 1e9)} of {time_text(seconds)}"
    if summary.peak_blocks:
        peak += f", in {plural(summary.peak_blocks, 'block')}"
    fact("peak", about + bytes_text(total.peak_bytes), peak)
    room = console.width - LABEL_WIDTH - VALUE_WIDTH - 2
    points = summary.over_time.points
    if len(points) > 1 and room > 10:
        bins = resample(summary.over_time, min(room, 60))
        line = elements.sparkline([item.max_live_bytes for item in bins], glyphs)
        console.print(_labelled("", "over time", Text(line, style=elements.BAR)))
    if summary.resident.peak_bytes:
        fact("resident", bytes_text(summary.resident.peak_bytes), _resident(summary))
    churn = f"in {plural(total.allocations, 'allocation')}"
    if seconds >= 0.01:
        churn += f" ({count_text(total.allocations / seconds)}/s)"
    if total.allocations > 0 and summary.short_lived:
        churn += f", {share_text(summary.short_lived / total.allocations)} short-lived"
    fact("allocated", about + bytes_text(total.allocated_bytes), churn)
    if any(summary.sizes):
        console.print(_labelled("", _size_ends(summary), _sizes(summary, glyphs, room)))
    fact(
        "at end",
        about + bytes_text(total.live_bytes),
        f"live in {plural(total.live_blocks, 'block')}",
    )


def _labelled(label: str, value: str, drawing: Text) -> Text:
    start = f"{label.ljust(LABEL_WIDTH)}{value.rjust(VALUE_WIDTH)}  "
    return Text.assemble((start, FAINT), drawing)


def _size_ends(summary: Summary) -> str:
    return "16-512 B" if summary.pymalloc else "1-512 B"


def _sizes(summary: Summary, glyphs: Glyphs, room: int) -> Text:
    """Allocations per pymalloc class as one line; how many are larger follows in words."""
    *small, large = summary.sizes
    everything = sum(summary.sizes)
    drawing = Text.assemble((elements.sparkline(small, glyphs), elements.BAR))
    told = f"  by size; larger: {share_text(large / everything)}"
    if len(drawing) + len(told) <= room:
        drawing.append(told)
    return drawing


def _resident(summary: Summary) -> str:
    share = summary.resident.tracked_share
    if share is None:
        return "as the kernel says at the end"
    own = bytes_text(summary.resident.own_bytes)
    if share > 1:
        return f"less than was requested: some was never touched; memscope itself {own}"
    if _mostly_unseen(summary):
        return f"{share_text(share)} of it tracked; unseen: libraries' own, as numpy's"
    return f"{share_text(share)} of it tracked (memscope's own {own} aside)"


def _mostly_unseen(summary: Summary) -> bool:
    resident = summary.resident
    if resident.tracked_share is None:
        return False
    unseen = (resident.peak_bytes - resident.own_bytes) * (1 - resident.tracked_share)
    return resident.tracked_share < 0.5 and unseen > LEAST_UNSEEN_BYTES


def _sites(console: Console, title: str, hotspots: Hotspots, summary: Summary, count: int) -> None:
    glyphs = glyphs_for(console)
    console.print()
    head = Table.grid(expand=True)
    head.add_column(no_wrap=True)
    head.add_column(justify="right", no_wrap=True)
    legend = elements.legend(glyphs) if hotspots is summary.made_peak else ""
    head.add_row(Text(title, style=HEADING), legend)
    console.print(head)
    if not hotspots.rows:
        console.print(Text("  nothing", style=FAINT))
        return
    room = console.width - BAR_WIDTH - 20
    for row in hotspots.rows[:count]:
        value = row.peak_bytes if hotspots.by == "peak_bytes" else row.allocated_bytes
        # Half of the room is the name's if it needs it; the place has all that is left.
        name = elements.function_name(row.function, max(room // 2, 4), glyphs)
        left = max(room - cell_len(name) - 3, 8)
        where = elements.place(summary.stacks.origins, row.file, row.line, left, glyphs)
        line = Text.assemble(
            bar(row.share, BAR_WIDTH, glyphs),
            bytes_text(value).rjust(10),
            share_text(row.share).rjust(6),
            "  ",
            elements.mark(row.origin, glyphs),
            " ",
            (name, elements.OWN if row.origin == "own" else ""),
            "  ",
            (where, ""),
        )
        console.print(line, no_wrap=True, overflow="ellipsis")


def _ending(summary: Summary, glyphs: Glyphs, width: int) -> Text:
    parts = [how_it_ended(summary.exit)] if summary.exit is not None else []
    end = summary.end
    if end is not None:
        if end.waits:
            waited = time_text(end.wait_ns / 1e9)
            parts.append(f"waited {waited} for the recorder ({plural(end.waits, 'time')})")
        if end.lost_stacks:
            parts.append(f"{plural(end.lost_stacks, 'stack')} cut for lack of memory")
    text = Text(f" {glyphs.dot} ".join(parts), style=FAINT)
    text.truncate(width, overflow="ellipsis")
    return text


def how_it_ended(ended: Exit | None) -> str:
    """`the program ended with status 0`."""
    if ended is None:
        return "how the program ended is not known"
    if ended.signal is not None:
        try:
            name = signal.Signals(ended.signal).name
        except ValueError:
            name = f"signal {ended.signal}"
        return f"the program was ended by {name}"
    if ended.status is not None:
        return f"the program ended with status {ended.status}"
    return "how the program ended is not known"


def _next(console: Console, summary: Summary, glyphs: Glyphs) -> None:
    path = shlex.quote(summary.path)
    verb, others = "advise", "  or report, hotspots, tree"
    if summary.total.allocations <= 0:
        verb, others = "info", ""
    command = f"memscope {verb} {path}"
    if cell_len(f"next {glyphs.arrow} {one_line(command)}{others}") > console.width:
        others = ""
    # Not cut, even where it is too long for the screen: it is there to be copied.
    console.print(
        Text.assemble(
            (f"next {glyphs.arrow} ", FAINT), (one_line(command), HEADING), (others, FAINT)
        ),
        soft_wrap=True,
    )
