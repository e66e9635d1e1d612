"""Growth: which lines copy most as their blocks grow, and how."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.growth import LEAST_CHAIN_LINKS, GrowingSite, GrowthReport
from memscope.analysis.origins import Origins
from memscope.analysis.units import bytes_text, count_text, plural, share_text
from memscope.capture import Capture
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, Glyphs

BAR_WIDTH = 8


def print_growth(console: Console, found: GrowthReport, capture: Capture, origins: Origins) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope growth", capture.meta, complete=capture.complete)
    about = glyphs.about if capture.meta.sampled else ""
    chains = (
        f"{bytes_text(found.copied_bytes)} by {plural(found.links, 'larger block')} in chains"
        if found.links
        else "no chain of larger blocks"
    )
    console.print(
        f"{about}{plural(found.reallocations, 'reallocation')}: {about}{count_text(found.moved)} "
        f"moved and copied {about}{bytes_text(found.moved_bytes)}; {chains}"
    )
    console.print(
        Text(
            f"chain: at least {LEAST_CHAIN_LINKS} times in a row a larger block of the same line "
            f"took a block's place, from {bytes_text(found.from_bytes)} on. That is what copying "
            "looks like; a loop that makes ever larger blocks looks the same.",
            style=FAINT,
        )
    )
    if not found.chains_known:
        console.print(
            Text("Chains are not known: the capture may be older than they are.", style=FAINT)
        )
    _line(console, elements.legend(glyphs))
    console.print()
    if not found.rows:
        console.print("nothing was copied to grow")
    else:
        header = f"{'':{BAR_WIDTH}}{'copied':>10}{'share':>6}{'times':>9}{'in a row':>10}  where"
        _line(console, Text(header, style=FAINT))
    whole = found.moved_bytes + found.copied_bytes
    for row in found.rows:
        for line in _row(row, whole, origins, console.width, glyphs):
            _line(console, line)
        told = Text(" " * (BAR_WIDTH + 2) + how(row), style=FAINT)
        told.truncate(console.width, overflow="ellipsis")
        _line(console, told)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _row(row: GrowingSite, whole: int, origins: Origins, width: int, glyphs: Glyphs) -> list[Text]:
    share = row.all_copied_bytes / whole if whole else 0.0
    line = Text.assemble(
        elements.bar(share, BAR_WIDTH, glyphs),
        bytes_text(row.all_copied_bytes).rjust(10),
        share_text(share).rjust(6),
        count_text(row.moved + row.links).rjust(9),
        count_text(max(row.longest_chain, row.longest_reallocation_chain)).rjust(10),
        "  ",
    )
    return elements.placed(line, row.site, row.origin, origins, width, glyphs)


def how(row: GrowingSite) -> str:
    """In words how a line's blocks grew."""
    told = []
    if row.links:
        steps = "steady steps: quadratic" if row.steps == "constant" else "growing steps"
        chains = plural(row.chains, "chain")
        told.append(f"{chains}, up to {bytes_text(row.largest_bytes)}, in {steps}")
    if row.reallocations:
        moved = f"{count_text(row.moved)} moved" if row.moved else "none moved"
        told.append(f"{plural(row.reallocations, 'reallocation')}, {moved}")
    return "; ".join(told)


def _line(console: Console, line: Text) -> None:
    console.print(line, no_wrap=True, overflow="crop")
