"""Memory over time, drawn with block characters."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.timeline import Bin, MemoryOverTime, highest_resident, resample
from memscope.capture import Capture
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import BAR, FAINT, PEAK, SECOND, Glyphs
from memscope.reports.units import bytes_text, time_text

AXIS_WIDTH = 10
HEIGHT = 12


def print_timeline(console: Console, over_time: MemoryOverTime, capture: Capture) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope timeline", capture.meta, complete=capture.complete)
    width = max(console.width - AXIS_WIDTH - 2, 10)
    if not over_time.points:
        console.print("The capture has no points over time.")
    else:
        bins = resample(over_time, width)
        top = max(max(item.max_live_bytes, item.resident_bytes) for item in bins)
        _peak_mark(console, over_time, width, glyphs)
        _area(console, bins, top, glyphs)
        _time_axis(console, over_time.duration_ns / 1e9, width, glyphs)
        console.print()
        _legend(console, over_time, glyphs)
        _lanes(console, bins, glyphs)
        if over_time.source == "windows":
            console.print()
            console.print(
                "drawn from the ends of the windows: what came and went in between is not shown, "
                "nor resident memory",
                style=FAINT,
            )
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _peak_mark(console: Console, over_time: MemoryOverTime, width: int, glyphs: Glyphs) -> None:
    place = min(over_time.peak_time_ns * width // max(over_time.duration_ns, 1), width - 1)
    label = f"peak {bytes_text(over_time.peak_bytes)} at {time_text(over_time.peak_time_ns / 1e9)}"
    # The label stands on the side of the mark that has room for it.
    if place + 2 + len(label) <= width:
        line = " " * place + f"{glyphs.peak} {label}"
    else:
        line = f"{label} {glyphs.peak}".rjust(place + 1)
    console.print(Text(" " * (AXIS_WIDTH + 2) + line, style=PEAK), no_wrap=True, overflow="crop")


def _area(console: Console, bins: list[Bin], top: float, glyphs: Glyphs) -> None:
    levels = len(glyphs.heights)
    heights = [_height(item.max_live_bytes, top, HEIGHT * levels) for item in bins]
    resident = [_height(item.resident_bytes, top, HEIGHT) for item in bins]
    for row in reversed(range(HEIGHT)):
        label = ""
        if row == HEIGHT - 1 or (row + 1) % 4 == 0:
            label = bytes_text(top * (row + 1) / HEIGHT)
        line = Text.assemble((f"{label:>{AXIS_WIDTH}} {glyphs.vertical}", FAINT))
        for height, level in zip(heights, resident, strict=True):
            filled = min(max(height - row * levels, 0), levels)
            if filled:
                line.append(glyphs.heights[filled - 1], style=BAR)
            elif level == row + 1:
                line.append(glyphs.resident, style=SECOND)
            else:
                line.append(" ")
        console.print(line, no_wrap=True, overflow="crop")


def _height(value: float, top: float, levels: int) -> int:
    if value <= 0 or top <= 0:
        return 0
    return min(max(round(value / top * levels), 1), levels)


def _time_axis(console: Console, seconds: float, width: int, glyphs: Glyphs) -> None:
    corner = "+" if glyphs is elements.ASCII else "└"
    console.print(
        Text(" " * (AXIS_WIDTH + 1) + corner + glyphs.rule * width, style=FAINT),
        no_wrap=True,
        overflow="crop",
    )
    ticks = max(min(width // 16, 6), 1)
    line = "0"
    for number in range(1, ticks + 1):
        label = time_text(seconds * number / ticks)
        end = width * number // ticks
        line = line.ljust(end - len(label)) + label
    console.print(Text(" " * (AXIS_WIDTH + 2) + line, style=FAINT), no_wrap=True, overflow="crop")


def _legend(console: Console, over_time: MemoryOverTime, glyphs: Glyphs) -> None:
    legend = Text.assemble((glyphs.heights[-1], BAR), " live, as tracked   ")
    highest = highest_resident(over_time.points)
    if highest is not None:
        own = bytes_text(highest.own_bytes)
        told = f"{bytes_text(highest.resident_bytes)}, {own} of it memscope's"
        legend.append(glyphs.resident, style=SECOND)
        legend.append(f" resident, at most {told}")
    console.print(legend)


def _lanes(console: Console, bins: list[Bin], glyphs: Glyphs) -> None:
    """Each domain on a line of its own, to its own scale: stacked areas would need colours."""
    lanes = {
        "obj": [item.obj_bytes for item in bins],
        "mem": [item.mem_bytes for item in bins],
        "raw": [item.raw_bytes for item in bins],
    }
    for name, values in lanes.items():
        highest = max(values, default=0)
        label = f"{name} {bytes_text(highest)}"
        line = Text.assemble((f"{label:>{AXIS_WIDTH + 1}} ", FAINT))
        line.append(elements.sparkline(values, glyphs), style=BAR)
        console.print(line, no_wrap=True, overflow="crop")
    if any(item.collecting for item in bins):
        line = Text.assemble((f"{'collector':>{AXIS_WIDTH + 1}} ", FAINT))
        line.append("".join(glyphs.dot if item.collecting else " " for item in bins), style=SECOND)
        console.print(line, no_wrap=True, overflow="crop")
