"""The cyclic collector: what it costs and frees, and which lines may keep it busy."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.gcpressure import GcPressure
from memscope.analysis.origins import Origins
from memscope.analysis.units import count_text, plural, share_text, time_text
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, Glyphs


def print_gc(console: Console, found: GcPressure, capture: Capture, origins: Origins) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope gc", capture.meta, complete=capture.complete)
    python = one_line(found.python) or "(unknown)"
    kind = "" if found.collector.kind == "unknown" else f", {found.collector.kind} collector"
    console.print(f"Python {python}{kind}: it runs {found.collector.when}.")
    if found.enabled is False:
        console.print("It was switched off when the recording ended.")
    console.print(_yield(found))
    if found.collections != 0:
        console.print(_pause(found, glyphs))
    if found.generations:
        _generations(console, found)
    if found.creators:
        _creators(console, found, origins, glyphs)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _yield(found: GcPressure) -> str:
    if found.collections is None:
        return "How often it ran is not known: the program ended before it could say."
    told = plural(found.collections, "collection")
    if found.collected is None:
        return f"{told}."
    if not found.collections:
        return f"{told}: nothing was paused, and no cycle freed."
    freed = "nothing was freed" if not found.collected else f"{_objects(found.collected)} freed"
    rate = found.collected / found.collections
    return f"{told}, {freed}" + (f", {rate:,.1f} each on average." if found.collected else ".")


def _objects(count: int) -> str:
    return plural(count, "object")


def _pause(found: GcPressure, glyphs: Glyphs) -> str:
    if found.pause_s is None or found.share is None:
        return "How long it took is not known: the recorder could not look."
    if found.pause_exact:
        return (
            f"At work {share_text(found.share)} of the time, {time_text(found.pause_s)}, "
            "as it timed itself."
        )
    low, high = share_text(found.share_low or 0), share_text(found.share_high or 0)
    told = (
        f"At work {glyphs.about} {share_text(found.share)} of the time "
        f"({low} to {high}), {glyphs.about} {time_text(found.pause_s)}: an estimate from "
        f"{plural(found.polls, 'look')}."
    )
    if found.longest_s:
        told += f" At one time it was busy for {time_text(found.longest_s)} or more."
    return told


def _generations(console: Console, found: GcPressure) -> None:
    names = ["generation", *(part.name for part in found.generations)]
    columns: list[tuple[str, list[int | None]]] = [
        ("threshold", [part.threshold for part in found.generations]),
        ("runs", [part.collections for part in found.generations]),
        ("freed", [part.collected for part in found.generations]),
    ]
    left = [part.uncollectable for part in found.generations]
    if any(left):
        columns.append(("uncollectable", left))
    lines = [name.ljust(max(map(len, names)) + 1) for name in names]
    for name, values in columns:
        cells = [name, *("" if value is None else count_text(value) for value in values)]
        lines = [line + cell.rjust(len(name) + 4) for line, cell in zip(lines, cells, strict=True)]
    if found.pause_exact:
        times = ["time", *(time_text(part.pause_s or 0) for part in found.generations)]
        lines = [line + cell.rjust(10) for line, cell in zip(lines, times, strict=True)]
    console.print()
    for number, line in enumerate(lines):
        _line(console, Text(line, style=FAINT if number == 0 else ""))


def _creators(console: Console, found: GcPressure, origins: Origins, glyphs: Glyphs) -> None:
    console.print()
    console.print(Text("Lines that may keep it busy", style=HEADING))
    console.print(
        Text(
            "A guess by size: what is tracked is not recorded, so these are upper bounds. rise: "
            "blocks more, in the stretches of time in which they became more.",
            style=FAINT,
        )
    )
    _line(console, elements.legend(glyphs))
    _line(console, Text(f"{'rise':>9}{'at peak':>9}{'allocs':>9}  where", style=FAINT))
    for item in found.creators:
        line = Text.assemble(
            count_text(item.net_blocks).rjust(9),
            count_text(item.live_blocks_at_peak).rjust(9),
            count_text(item.allocations).rjust(9),
            "  ",
        )
        width = console.width
        for part in elements.placed(line, item.site, item.origin, origins, width, glyphs):
            _line(console, part)


def _line(console: Console, line: Text) -> None:
    console.print(line, no_wrap=True, overflow="crop")
