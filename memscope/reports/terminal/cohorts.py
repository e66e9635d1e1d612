"""Cohorts: of what was allocated when, how much is live at the end."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.cohorts import CohortReport
from memscope.analysis.origins import Origins
from memscope.analysis.units import bytes_text, plural, share_text, time_text
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING

BAR_WIDTH = 8


def print_cohorts(console: Console, found: CohortReport, origins: Origins) -> None:
    """To be printed below the timeline."""
    glyphs = elements.glyphs_for(console)
    console.print()
    console.print(Text("Live at the end, by when it was allocated", style=HEADING))
    if not found.known:
        console.print(Text("Not known: the capture is older than this, or was cut.", style=FAINT))
        return
    header = f"{'until':>9}{'allocated':>11}{'live':>9}{'of it':>6}  {'':{BAR_WIDTH}}  most from"
    _line(console, Text(header, style=FAINT))
    most = max((cohort.live_bytes for cohort in found.cohorts), default=0)
    for cohort in found.cohorts:
        share = cohort.live_share
        line = Text.assemble(
            time_text(cohort.until_ns / 1e9).rjust(9),
            bytes_text(cohort.allocated_bytes).rjust(11),
            bytes_text(cohort.live_bytes).rjust(9),
            ("" if share is None else share_text(share)).rjust(6),
            "  ",
            elements.bar(cohort.live_bytes / most if most else 0.0, BAR_WIDTH, glyphs),
            "  ",
        )
        if not cohort.sites:
            _line(console, line)
            continue
        site = cohort.sites[0]
        width = console.width
        for part in elements.placed(line, site.site, site.origin, origins, width, glyphs):
            _line(console, part)
    remarks = ["A block that was reallocated counts from then."]
    if found.older_blocks:
        remarks.append(
            f"{plural(found.older_blocks, 'block')} ({bytes_text(found.older_bytes)}) were "
            "allocated more than 32 GiB of allocations ago: when is not known."
        )
    if found.unplaced_blocks:
        remarks.append(f"Of {plural(found.unplaced_blocks, 'block')} it is not known when.")
    console.print(Text(" ".join(remarks), style=FAINT))


def _line(console: Console, line: Text) -> None:
    console.print(line, no_wrap=True, overflow="crop")
