"""The size histogram: how large requests are, and what rounding them up costs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from memscope.analysis.origins import Origins
from memscope.analysis.sizeclasses import SiteSizes, SizeClass, Sizes
from memscope.analysis.units import bytes_text, count_text, share_text
from memscope.capture import Capture
from memscope.capture.format import SizeRange
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, WARNING, Glyphs

BAR_WIDTH = 16
# What the figures beside the bars take, and what the least of them does.
FIGURES_WIDTH = 64
SHARE_WIDTH = 7


def print_sizes(
    console: Console, sizes: Sizes, capture: Capture, origins: Origins, *, by_site: bool
) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope sizes", capture.meta, complete=capture.complete)
    _allocator(console, sizes)
    everything = sizes.allocations
    if not everything:
        console.print("Nothing was allocated while memscope was recording.")
    title = "Small requests (mem and obj domains), by pymalloc's size classes"
    if not sizes.pymalloc:
        title = "Small requests (mem and obj domains)"
    losses = [f"{bytes_text(item.rounding_bytes)}" for item in sizes.classes]
    _histogram(console, title, sizes.classes, everything, losses if sizes.pymalloc else None)
    title = "Large requests, by range (all domains)"
    _histogram(console, title, doublings(sizes.large), everything)
    title = "Small requests to the C library (raw domain); its rounding is not modelled"
    _histogram(console, title, doublings(sizes.small_raw), everything)
    if sizes.pymalloc and sizes.classes:
        console.print()
        asked = sizes.small_requested_bytes
        lost = sizes.rounding_bytes
        share = share_text(lost / (asked + lost)) if asked + lost > 0 else "0%"
        line = f"{bytes_text(lost)} over the whole run, {share} of the blocks above; "
        line += f"{bytes_text(sizes.peak_rounding_bytes)} at the peak"
        console.print(Text.assemble(("rounding ", HEADING), line))
    if by_site:
        _sites(console, sizes, origins, glyphs)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _allocator(console: Console, sizes: Sizes) -> None:
    if not sizes.pymalloc:
        text = (
            f"The allocator was {one_line(sizes.allocator)}, not pymalloc: "
            "rounding to its size classes is not modelled."
        )
        console.print(Text(text, style=WARNING))
    elif sizes.allocator == "pymalloc_debug":
        text = "pymalloc ran with debug guards, which add to every block; sizes are as requested."
        console.print(Text(text, style=WARNING))


def doublings(ranges: Sequence[SizeClass]) -> list[SizeClass]:
    """Ranges put together until each covers a doubling: a screen is for the shape."""
    merged: dict[int, SizeClass] = {}
    for item in ranges:
        # Ranges end just below a power of two or, in pymalloc's classes, at one.
        key = (item.requests.to_bytes - 1).bit_length() if item.requests.to_bytes else -1
        held = merged.get(key)
        merged[key] = item if held is None else _together(held, item)
    return list(merged.values())


def _together(left: SizeClass, right: SizeClass) -> SizeClass:
    return SizeClass(
        SizeRange(left.requests.from_bytes, right.requests.to_bytes),
        left.allocations + right.allocations,
        left.requested_bytes + right.requested_bytes,
        left.live_blocks + right.live_blocks,
        left.live_bytes + right.live_bytes,
        left.peak_blocks + right.peak_blocks,
        left.peak_bytes + right.peak_bytes,
    )


def _histogram(
    console: Console,
    title: str,
    classes: Sequence[SizeClass],
    everything: int,
    losses: Sequence[str] | None = None,
) -> None:
    if not classes:
        return
    glyphs = elements.glyphs_for(console)
    console.print()
    console.print(Text(title, style=HEADING))
    last = "rounding" if losses else ""
    # Where room is short, bars shrink and the share goes: nothing is cut off in silence.
    share_width = SHARE_WIDTH if console.width >= FIGURES_WIDTH + 4 else 0
    bars = console.width - FIGURES_WIDTH + SHARE_WIDTH - share_width
    bars = min(max(bars, 0), BAR_WIDTH)
    header = (
        f"{'bytes':>16}  {'':{bars}}{'allocs':>9}{'share' if share_width else '':>{share_width}}"
        f"{'requested':>11}{'at peak':>9}{last:>10}"
    )
    console.print(Text(header, style=FAINT), no_wrap=True, overflow="crop")
    most = max(item.allocations for item in classes)
    for number, item in enumerate(classes):
        share = item.allocations / everything if everything > 0 else 0.0
        line = Text.assemble(
            f"{range_text(item, glyphs):>16}  ",
            elements.bar(item.allocations / most if most > 0 else 0.0, bars, glyphs),
            count_text(item.allocations).rjust(9),
            share_text(share).rjust(share_width) if share_width else "",
            bytes_text(item.requested_bytes).rjust(11),
            count_text(item.peak_blocks).rjust(9),
            losses[number].rjust(10) if losses else "",
        )
        console.print(line, no_wrap=True, overflow="crop")


def range_text(item: SizeClass, glyphs: Glyphs) -> str:
    """`17-32 B`, `640-767 B`, `1.0-1.2 KiB`."""
    lower, upper = item.requests
    if lower == upper:
        return bytes_text(lower)
    if upper < 1024:
        return f"{lower}-{upper} B"
    low, low_unit = bytes_text(lower).split()
    high, high_unit = bytes_text(upper + 1).split()
    start = low if low_unit == high_unit else f"{low} {low_unit}"
    return f"{start}-{high} {high_unit}"


def _sites(console: Console, sizes: Sizes, origins: Origins, glyphs: Glyphs) -> None:
    console.print()
    title = "Lines that lose most to rounding" if sizes.pymalloc else "Lines that request most"
    console.print(Text(title, style=HEADING))
    for site in sizes.sites:
        origin = origins.of(site.site.file) if site.site.file else origins.of("")
        where = elements.place(origins, site.site.file, site.site.line, 40, glyphs)
        lost = bytes_text(site.rounding_bytes) if sizes.pymalloc else ""
        line = Text.assemble(
            lost.rjust(10),
            bytes_text(site.requested_bytes).rjust(11),
            "  ",
            elements.mark(origin, glyphs),
            f" {where}  ",
            elements.function_name(site.site.function),
        )
        line.truncate(console.width, overflow="ellipsis")
        console.print(line)
        told = Text(" " * 25 + _commonest(site, glyphs), style=FAINT)
        told.truncate(console.width, overflow="ellipsis")
        console.print(told)


def _commonest(site: SiteSizes, glyphs: Glyphs) -> str:
    """The sizes a line requests most often, in words."""
    items: list[SizeClass] = [*site.classes, *site.small_raw, *site.large]
    items.sort(key=lambda item: -item.allocations)
    told = [f"{count_text(item.allocations)} of {range_text(item, glyphs)}" for item in items[:3]]
    return ", ".join(told) + (f" {glyphs.ellipsis}" if len(items) > 3 else "")
