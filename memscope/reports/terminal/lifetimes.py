"""Lifetimes: how long blocks live, over all and per site."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from memscope.analysis.lifetimes import Histogram, LifetimeRange, Lifetimes, SiteLifetimes
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.units import bytes_text, count_text, plural, share_text
from memscope.capture import Capture
from memscope.capture.model import CodeFrame
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import BAR, FAINT, HEADING, WARNING, Glyphs
from memscope.reports.terminal.hotspots import BY_NAMES

SpanText = Callable[[LifetimeRange], str]

BAR_WIDTH = 32
RANGE_WIDTH = 14
# What the figures beside the bars take.
FIGURES_WIDTH = 40
# The figures of a line; where there is less room it goes without the 95 % and the shape in time.
SITE_WIDTH = 79


def print_lifetimes(
    console: Console, lifetimes: Lifetimes, capture: Capture, origins: Origins
) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope lifetimes", capture.meta, complete=capture.complete)
    if lifetimes.allocations:
        _line(console, Text(_whole(lifetimes)))
    else:
        console.print("Nothing was allocated while memscope was recording.")
    if not lifetimes.known:
        told = "Lifetimes are missing: the capture was cut before they were written."
        console.print(Text(told, style=WARNING))
    _histogram(console, "Bytes allocated meanwhile", lifetimes.in_bytes, bytes_span_text, glyphs)
    _histogram(console, "Time", lifetimes.in_time, time_span_text, glyphs)
    if lifetimes.sites:
        _sites(console, lifetimes, origins, glyphs)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _whole(lifetimes: Lifetimes) -> str:
    told = plural(lifetimes.allocations, "block")
    share = lifetimes.freed_share
    if share is not None:
        told += f", {share_text(share)} released; {count_text(lifetimes.live_blocks)} live at end"
    return told


def _histogram(
    console: Console,
    title: str,
    histogram: Histogram,
    text: SpanText,
    glyphs: Glyphs,
) -> None:
    blocks = histogram.blocks
    present = [place for place, count in enumerate(histogram.counts) if count > 0]
    if not present:
        return
    console.print()
    console.print(Text(f"{title}, from a block's allocation to its release", style=HEADING))
    bars = min(max(console.width - FIGURES_WIDTH, 0), BAR_WIDTH)
    header = f"{'':>{RANGE_WIDTH}}  {'':{bars}}{'blocks':>9}{'share':>7}{'so far':>8}"
    _line(console, Text(header, style=FAINT))
    most = max(histogram.counts)
    passed = 0.0
    for place in range(present[0], present[-1] + 1):
        count = histogram.counts[place]
        passed += count
        line = Text.assemble(
            f"{text(histogram.spans[place]):>{RANGE_WIDTH}}  ",
            elements.bar(count / most, bars, glyphs),
            count_text(count).rjust(9),
            share_text(count / blocks).rjust(7),
            share_text(passed / blocks).rjust(8),
        )
        _line(console, line)


def _sites(console: Console, lifetimes: Lifetimes, origins: Origins, glyphs: Glyphs) -> None:
    console.print()
    shown, groups = len(lifetimes.sites), lifetimes.groups_count
    title = f"By {lifetimes.group}: {shown:,} of {groups:,}, most {BY_NAMES[lifetimes.by]} first"
    _line(console, Text(title, style=HEADING))
    _line(console, elements.legend(glyphs))
    console.print()
    whole = console.width >= SITE_WIDTH
    header = f"{'blocks':>8}{'freed':>6}  {'bytes':16}{'median':>{RANGE_WIDTH}}"
    header += f"{'95%':>{RANGE_WIDTH}} {'time':7} {'median':>10}" if whole else f"{'in time':>11}"
    _line(console, Text(header, style=FAINT))
    for site in lifetimes.sites:
        _line(console, _site_line(site, glyphs, whole))
        _line(console, _site_place(site, lifetimes, origins, glyphs, console.width))


def _site_line(site: SiteLifetimes, glyphs: Glyphs, whole: bool) -> Text:
    share = site.freed_share
    line = Text.assemble(
        count_text(site.hotspot.allocations).rjust(8),
        ("" if share is None else share_text(share)).rjust(6),
        "  ",
        (elements.sparkline(site.in_bytes.counts, glyphs), BAR),
        _quantile_text(site.in_bytes, 0.5, bytes_span_text).rjust(RANGE_WIDTH),
    )
    if whole:
        line.append(_quantile_text(site.in_bytes, 0.95, bytes_span_text).rjust(RANGE_WIDTH))
        line.append(" ")
        line.append(elements.sparkline(site.in_time.counts, glyphs), BAR)
    return line.append(f" {_quantile_text(site.in_time, 0.5, time_span_text):>10}")


def _site_place(
    site: SiteLifetimes, lifetimes: Lifetimes, origins: Origins, glyphs: Glyphs, width: int
) -> Text:
    row = site.hotspot
    line = Text.assemble(" " * 8, elements.mark(row.origin, glyphs), " ")
    frame = CodeFrame(row.function, row.file, row.line)
    line.append_text(elements.where(frame, row.origin, origins, width - line.cell_len, glyphs))
    if row.own is not None and lifetimes.group != "file":
        via = Text.assemble(("  for ", FAINT), elements.mark(Origin.OWN, glyphs), " ")
        room = width - line.cell_len - via.cell_len
        if room >= 12:
            line.append_text(via)
            line.append_text(elements.where(row.own, Origin.OWN, origins, room, glyphs))
    return line


def _quantile_text(histogram: Histogram, share: float, text: SpanText) -> str:
    span = histogram.quantile(share)
    return "" if span is None else text(span)


def bytes_span_text(span: LifetimeRange) -> str:
    """`64-256 B`, `256 B-1 KiB`, `>1 GiB`: the bounds are powers of four, without a fraction."""
    low, high = _short_bytes(span.lower), _short_bytes(span.upper or 0)
    return _between(span, low, high)


def time_span_text(span: LifetimeRange) -> str:
    """`<10 ms`, `10-100 ms`, `1-10 s`, `>1,000 s`."""
    low, high = _short_seconds(span.lower), _short_seconds(span.upper or 0)
    return _between(span, low, high)


def _between(span: LifetimeRange, low: str, high: str) -> str:
    if span.upper is None:
        return f">{low}"
    if not span.lower:
        return f"<{high}"
    number, unit = low.split()
    return f"{number}-{high}" if high.endswith(f" {unit}") else f"{low}-{high}"


def _short_bytes(value: float) -> str:
    return bytes_text(value).replace(".0 ", " ")


def _short_seconds(value: float) -> str:
    return f"{value:,g} s" if value >= 1 else f"{value * 1e3:g} ms"


def _line(console: Console, line: Text) -> None:
    console.print(line, no_wrap=True, overflow="crop")
