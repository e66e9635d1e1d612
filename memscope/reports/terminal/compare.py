"""The comparison: what changed over all, and which sites changed most."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from memscope.analysis.changes import Change, Sample
from memscope.analysis.compare import ComparedSite, Comparison, Run, SiteChange, SiteMeasure
from memscope.analysis.retainerchanges import RetainerChanges
from memscope.analysis.significance import MIN_RUNS
from memscope.analysis.typechanges import TypeChange
from memscope.analysis.types import type_name
from memscope.analysis.units import bytes_text, count_text, plural, signed, time_text
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, OWN, WARNING, Glyphs

LABEL_WIDTH = 12
MOST_TYPES = 10
MOST_HOLDERS = 10
FOLDED_SHARE = 0.01  # of the largest change; smaller ones beside it are counted alone

FIGURE_NAMES = {
    "peak_bytes": "peak",
    "allocated_bytes": "allocated",
    "allocations": "allocations",
    "live_bytes": "at end",
    "live_blocks": "blocks",
    "resident_bytes": "resident",
    "wall_s": "wall",
    "cpu_s": "CPU",
    "children_cpu_s": "child CPU",
    "page_faults": "page faults",
}
UNKNOWN = "~"


def print_comparison(
    console: Console,
    comparison: Comparison,
    holders: RetainerChanges | None = None,
    *,
    everything: bool = False,
) -> None:
    """everything: changes that are small beside the largest, too."""
    glyphs = elements.glyphs_for(console)
    _heading(console, comparison)
    for name, runs in (("old", comparison.old), ("new", comparison.new)):
        line(console, Text.assemble((f"{name}  ", FAINT), _side_text(runs, console.width, glyphs)))
    for warning in comparison.warnings:
        console.print(Text(one_line(warning), style=WARNING))
    console.print()
    figures(console, comparison.totals.items())
    unknown = [item for item in comparison.totals.values() if change_text(item) == UNKNOWN]
    if unknown:
        told = f"{UNKNOWN}: not shown to differ"
        if any(item.p is None and item.kind == "measured" for item in unknown):
            told += f"; times and resident memory take {MIN_RUNS} runs or more of each"
        line(console, Text(told, style=FAINT))
    line(
        console, Text("times are those of recorded runs: memscope ab measures without", style=FAINT)
    )
    console.print()
    if holders is not None:
        # First: who cured a leak looks for its holder, and lines that changed are many.
        _holders(console, holders, glyphs, everything)
        console.print()
    _sites(console, comparison, glyphs, everything)
    if comparison.types:
        console.print()
        _types(console, comparison, comparison.types, glyphs, everything)


def _heading(console: Console, comparison: Comparison) -> None:
    runs = (*comparison.old, *comparison.new)
    partial = not all(run.complete for run in runs)
    least_sure = next((run.meta for run in runs if run.meta.sampled), runs[0].meta)
    sure = elements.how_sure(least_sure, not partial)
    row = Table.grid(expand=True)
    row.add_column(no_wrap=True)
    row.add_column(justify="right", no_wrap=True)
    left = Text.assemble(("memscope compare", HEADING), f"  {comparison.verdict}")
    row.add_row(left, Text(sure, style=WARNING if partial or least_sure.sampled else ""))
    console.print(row)
    elements.rule(console)


def _side_text(runs: Sequence[Run], width: int, glyphs: Glyphs) -> str:
    more = f" and {plural(len(runs) - 1, 'more run')}" if len(runs) > 1 else ""
    told = f"{elements.command_text(runs[0].meta)}  {one_line(runs[0].path)}"
    return elements.cut_end(told, max(width - len(more) - 5, 8), glyphs) + more


def figures(
    console: Console,
    changes: Iterable[tuple[str, Change]],
    sides: tuple[str, str] = ("old", "new"),
) -> None:
    """A table of figures on both sides, one a line."""
    rows = [(name, item, *_sides_text(name, item)) for name, item in changes]
    width = max((cell_len(text) for row in rows for text in row[2:]), default=0) + 3
    width = max(width, 9)
    header = f"{'':{LABEL_WIDTH}}{sides[0]:>{width}}{sides[1]:>{width}}{'change':>9}"
    line(console, Text(header, style=FAINT))
    for name, item, old, new in rows:
        told = Text.assemble(
            (FIGURE_NAMES[name].ljust(LABEL_WIDTH), FAINT),
            old.rjust(width),
            new.rjust(width),
            (change_text(item).rjust(9), HEADING if item.significant else FAINT),
        )
        if item.p is not None:
            runs = f"n={len(item.old.values)}+{len(item.new.values)}"
            p = f"p={item.p:.3f}" if item.p >= 0.0005 else "p<0.001"
            told.append(f"  {p} {runs}", style=FAINT)
        line(console, told)


def _sides_text(name: str, item: Change) -> tuple[str, str]:
    return _sample_text(name, item.old), _sample_text(name, item.new)


def _sample_text(name: str, sample: Sample) -> str:
    """`55.2 MiB`, and of several runs how far the median's interval reaches: `55.2 MiB ± 2%`."""
    text = figure_text(name, sample.median)
    if sample.lowest == sample.highest or not sample.median:
        return text
    if sample.interval is None:
        return f"{text} ± ?"
    reach = max(sample.median - sample.interval[0], sample.interval[1] - sample.median)
    return f"{text} ± {min(reach / abs(sample.median) * 100, 999):.0f}%"


def figure_text(name: str, value: float) -> str:
    if name.endswith("_bytes"):
        return bytes_text(value)
    return time_text(value) if name.endswith("_s") else count_text(value)


def change_text(item: Change) -> str:
    """`-80%`, `+0.25%`, `same`, `~` where the runs do not show a change."""
    if item.kind == "counted" and not item.delta:
        return "same"
    if not item.significant:
        return UNKNOWN
    share = item.share
    if share is None:
        return "from 0"
    percent = abs(share) * 100
    if percent >= 1000:
        return f"x{item.new.median / item.old.median:,.0f}"
    if share > -1 and percent > 99.5:
        return f"-{min(percent, 99.99):.2f}%" if share < 0 else f"+{percent:.0f}%"
    return ("-" if share < 0 else "+") + (
        f"{percent:.0f}%" if percent >= 9.95 else f"{percent:.1f}%"
    )


def _large(deltas: Sequence[float], everything: bool) -> int:
    """How many of the changes, largest first, are not small beside the first."""
    if everything or not deltas:
        return len(deltas)
    least = abs(deltas[0]) * FOLDED_SHARE
    return sum(abs(delta) >= least for delta in deltas)


def _fold(console: Console, count: int) -> None:
    if count:
        told = f"{count_text(count)} more, each below {FOLDED_SHARE:.0%} of the largest; -n 0 shows"
        line(console, Text(f"{told} {'them' if count > 1 else 'it'}", style=FAINT))


def _sites(console: Console, comparison: Comparison, glyphs: Glyphs, everything: bool) -> None:
    by, changed = comparison.by, comparison.changed_count
    shown = _large([site.measures[by].delta for site in comparison.sites], everything)
    title = f"{FIGURE_NAMES[by]} by {comparison.group}: {shown:,} of {changed:,}"
    title += f" that changed, of {comparison.sites_count:,}"
    line(console, Text(title, style=HEADING))
    if not comparison.sites:
        return
    line(console, elements.legend(glyphs))
    console.print()
    header = f"{'old':>10}{'new':>10}{'difference':>12}{'change':>9}  where"
    line(console, Text(header, style=FAINT))
    for site in comparison.sites[:shown]:
        item = site.measures[by]
        told = _figures(by, item, site.status)
        told.append("  ").append_text(elements.mark(site.site.origin, glyphs)).append(" ")
        told.append_text(_place(site, max(console.width - told.cell_len, 12), glyphs))
        line(console, told)
    _fold(console, len(comparison.sites) - shown)


def _types(
    console: Console,
    comparison: Comparison,
    types: Sequence[TypeChange],
    glyphs: Glyphs,
    everything: bool,
) -> None:
    by, changed = comparison.by, comparison.types_changed_count
    listed = types if everything else types[:MOST_TYPES]
    shown = listed[: _large([of.measures[by].delta for of in listed], everything)]
    title = f"{FIGURE_NAMES[by]} by type: {len(shown):,} of {changed:,} that changed"
    line(console, Text(title, style=HEADING))
    console.print()
    line(console, Text(f"{'old':>10}{'new':>10}{'difference':>12}{'change':>9}  what", style=FAINT))
    for of in shown:
        told = _figures(by, of.measures[by], of.status).append("  ")
        room = max(console.width - told.cell_len, 12)
        line(console, told.append(elements.cut_front(one_line(type_name(of.type)), room, glyphs)))
    _fold(console, len(listed) - len(shown))


def _holders(console: Console, found: RetainerChanges, glyphs: Glyphs, everything: bool) -> None:
    """What keeps more or less alive, of the last snapshots."""
    listed = found.rows if everything else found.rows[:MOST_HOLDERS]
    shown = listed[: _large([of.delta for of in listed], everything)]
    title = f"kept alive by holder, at the last snapshots: {len(shown):,} of {found.count:,}"
    line(console, Text(f"{title} that changed", style=HEADING))
    if not shown:
        return
    console.print()
    line(
        console, Text(f"{'old':>10}{'new':>10}{'difference':>12}{'change':>9}  holder", style=FAINT)
    )
    for of in shown:
        old, new = (bytes_text(size) if size else "-" for size in (of.old_bytes, of.new_bytes))
        share = of.delta / of.old_bytes if of.old_bytes else 0
        change = (
            f"{share * 100:+.0f}%" if abs(share) < 10 else f"x{of.new_bytes / of.old_bytes:,.0f}"
        )
        change = "new" if not of.old_bytes else "gone" if not of.new_bytes else change
        told = Text(f"{old:>10}{new:>10}{signed(of.delta, bytes_text(abs(of.delta))):>12}")
        told.append(f"{change:>9}  ")
        room = max(console.width - told.cell_len, 12)
        line(console, told.append(elements.cut_front(one_line(of.way.path), room, glyphs)))
    _fold(console, len(listed) - len(shown))


def _figures(by: SiteMeasure, item: Change, status: str) -> Text:
    return Text.assemble(
        _site_figure(by, item.old).rjust(10),
        _site_figure(by, item.new).rjust(10),
        signed(item.delta, figure_text(by, abs(item.delta))).rjust(12),
        (_site_change(status, item).rjust(9), "" if item.significant else FAINT),
    )


def _site_figure(by: str, sample: Sample) -> str:
    return figure_text(by, sample.median) if sample.median else "-"


def _site_change(status: str, item: Change) -> str:
    if status == "both" or not item.significant:
        return change_text(item)
    return "new" if status == "added" else "gone"


def _place(change: SiteChange, room: int, glyphs: Glyphs) -> Text:
    site, old = change.site, change.old_site
    if not site.file:
        return Text(elements.function_name(site.function, room, glyphs))
    was = ""
    if old is not None:
        elsewhere = "" if old.file == site.file else posixpath.basename(old.file)
        was = f" (was {one_line(elsewhere)}:{old.line})"
    place = elements.cut_front(_short(site), max(room - len(was), 12), glyphs)
    text = Text.assemble((place, OWN if site.origin == "own" else ""), (was, FAINT))
    left = room - text.cell_len - 2
    if site.function and left >= 4:
        text.append(f"  {elements.function_name(site.function, left, glyphs)}")
    return text


def _short(site: ComparedSite) -> str:
    return one_line(site.file) + (f":{site.line}" if site.line else "")


def line(console: Console, text: Text) -> None:
    console.print(text, no_wrap=True, overflow="crop")
