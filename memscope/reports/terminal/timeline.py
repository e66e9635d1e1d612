"""Memory over time, drawn with block characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from memscope.analysis.resident import resident_of
from memscope.analysis.rss import ResidentMoment
from memscope.analysis.timeline import Bin, MemoryOverTime, resample
from memscope.analysis.units import bytes_text, plural, time_text
from memscope.capture import Capture
from memscope.reports.rss import ORIGIN_NAMES
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import BAR, FAINT, PEAK, SECOND, Glyphs

AXIS_WIDTH = 10
HEIGHT = 12
LEAST_SHOWN = 0.01  # of what is resident at most, an origin


def print_timeline(
    console: Console,
    over_time: MemoryOverTime,
    capture: Capture,
    moments: Sequence[ResidentMoment] = (),
) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope timeline", capture.meta, complete=capture.complete)
    width = max(console.width - AXIS_WIDTH - 2, 10)
    if not over_time.samples:
        console.print("The capture has no samples over time.")
    else:
        bins = resample(over_time, width)
        top = max(max(item.max_live_bytes, item.resident_bytes) for item in bins)
        _peak_mark(console, over_time, width, glyphs)
        _area(console, bins, top, glyphs)
        _time_axis(console, over_time.duration_ns / 1e9, width, glyphs)
        console.print()
        _legend(console, capture, over_time, glyphs)
        _lanes(console, capture.meta.domains, bins, glyphs)
        _origins(console, moments, over_time.duration_ns, width, glyphs)
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


def _legend(console: Console, capture: Capture, over_time: MemoryOverTime, glyphs: Glyphs) -> None:
    legend = Text.assemble((glyphs.heights[-1], BAR), " live, as tracked   ")
    resident = resident_of(capture, over_time)
    if resident.peak_bytes:
        legend.append(glyphs.resident, style=SECOND)
        legend.append(f" resident {bytes_text(resident.peak_bytes)} at most")
        legend.append(f", without memscope's own {bytes_text(resident.own_bytes)}", style=FAINT)
    console.print(legend)


def _origins(
    console: Console,
    moments: Sequence[ResidentMoment],
    duration_ns: int,
    width: int,
    glyphs: Glyphs,
) -> None:
    """What was resident, a line for each origin; a column is as the last look before its end."""
    if not moments:
        return
    ends = [duration_ns * (place + 1) // width for place in range(width)]
    places = [bisect_right(moments, end, key=lambda moment: moment.time_ns) - 1 for end in ends]
    whole = max(moment.resident_bytes for moment in moments)
    console.print()
    console.print(
        f"resident memory by origin, as at {plural(len(moments), 'look')}; what it was between them"
        " is not known",
        style=FAINT,
    )
    for origin, name in ORIGIN_NAMES.items():
        values = [moments[at].origins.get(origin, 0) if at >= 0 else 0 for at in places]
        highest = max(moment.origins.get(origin, 0) for moment in moments)
        if highest < whole * LEAST_SHOWN:
            continue
        line = Text.assemble((f"{bytes_text(highest):>{AXIS_WIDTH + 1}} ", FAINT))
        line.append(elements.sparkline(values, glyphs, highest), style=BAR)
        console.print(line, no_wrap=True, overflow="crop")
        console.print(Text(" " * (AXIS_WIDTH + 2) + name, style=FAINT))


def _lanes(console: Console, domains: tuple[str, ...], bins: list[Bin], glyphs: Glyphs) -> None:
    """Each domain on a line of its own, to its own scale: stacked areas would need colours."""
    for number, name in reversed(list(enumerate(domains))):
        values = [item.domain_bytes[number] for item in bins]
        highest = max(values, default=0)
        label = f"{name} {bytes_text(highest)}"
        line = Text.assemble((f"{label:>{AXIS_WIDTH + 1}} ", FAINT))
        line.append(elements.sparkline(values, glyphs), style=BAR)
        console.print(line, no_wrap=True, overflow="crop")
    if any(item.collecting for item in bins):
        line = Text.assemble((f"{'collector':>{AXIS_WIDTH + 1}} ", FAINT))
        line.append("".join(glyphs.dot if item.collecting else " " for item in bins), style=SECOND)
        console.print(line, no_wrap=True, overflow="crop")
