"""The heap as a map: which arenas are how full, and whose blocks keep those that are not."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from memscope.analysis.fragmentation import (
    SPARSE,
    Arena,
    Fragmentation,
    HeapMoment,
    PinningSite,
)
from memscope.analysis.origins import Origins
from memscope.analysis.units import bytes_text, count_text, plural, share_text, time_text
from memscope.capture import Capture
from memscope.capture.format import POOL_BYTES
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import BAR, FAINT, HEADING, WARNING, Glyphs

MAP_ROWS = 12
EMPTIEST = 4
LABEL_WIDTH = 13


def print_fragmentation(
    console: Console,
    found: Fragmentation,
    moment: HeapMoment | None,
    capture: Capture,
    origins: Origins,
    *,
    limit: int,
) -> None:
    """`moment` is the one of `found.moments` to be shown."""
    elements.heading(console, "memscope fragmentation", capture.meta, complete=capture.complete)
    if moment is None:
        console.print(Text(_nothing(found), style="" if found.pymalloc else WARNING))
    else:
        _moment(console, found, moment, origins, limit)
        _remarks(console, found, moment)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _nothing(found: Fragmentation) -> str:
    if not found.pymalloc:
        return (
            f"The allocator was {one_line(found.allocator)}, not pymalloc: there are no arenas. "
            "How full the memory of another allocator is, memscope does not see."
        )
    if found.sampled and found.recorded:
        return (
            "Only a sample of the blocks was recorded, and pymalloc's own counts are missing "
            "because the program ended first: how full its arenas were is not known."
        )
    if found.arenas_made is None:
        return "The capture does not say what lay in pymalloc's arenas: it is older, or was cut."
    return "pymalloc made no arena while memscope was recording: nothing to say."


def _moment(
    console: Console, found: Fragmentation, moment: HeapMoment, origins: Origins, limit: int
) -> None:
    glyphs = elements.glyphs_for(console)
    when = "At the end" if moment.survey.moment == "end" else "Far below the peak"
    number = len(moment.arenas)
    console.print(
        f"{when}, after {time_text(moment.survey.time_ns / 1e9)}: {plural(number, 'arena')}, "
        f"{bytes_text(moment.arenas_bytes)}, for {bytes_text(moment.used_bytes)} of blocks. "
        f"Side by side they would take {plural(moment.needed_arenas, 'arena')}."
    )
    if found.arenas_made is not None:
        console.print(
            f"{plural(found.arenas_made, 'arena')} made while recording, "
            f"{count_text(found.arenas_returned or 0)} given back.",
            style=FAINT,
        )
    if not moment.arenas:
        return
    _map(console, moment.arenas, glyphs)
    sparse = f"{count_text(moment.sparse_arenas)} less than half full"
    console.print(f"{sparse}, {count_text(moment.empty_arenas)} of these empty")
    _emptiest(console, moment.arenas, glyphs)
    if moment.sites:
        _sites(console, moment, origins, limit, glyphs)


def _map(console: Console, arenas: Sequence[Arena], glyphs: Glyphs) -> None:
    """Arenas in order of address, a sign each; several to a sign where there are too many."""
    width = max(console.width - LABEL_WIDTH - 2, 8)
    together = -(-len(arenas) // (width * MAP_ROWS))
    each = "each" if together == 1 else f"{together} to a sign, each"
    console.print()
    title = f"Arenas by address, {each} as high as it is full"
    console.print(Text(title, style=HEADING), no_wrap=True, overflow="ellipsis")
    per_row = width * together
    for start in range(0, len(arenas), per_row):
        row = arenas[start : start + per_row]
        groups = [row[place : place + together] for place in range(0, len(row), together)]
        line = Text.assemble((f"{row[0].address:>{LABEL_WIDTH}x} ", FAINT))
        line.append(_signs([_fullness(group) for group in groups], glyphs), style=BAR)
        _line(console, line)


def _fullness(arenas: Sequence[Arena]) -> float:
    return sum(arena.occupancy for arena in arenas) / len(arenas)


def _signs(shares: Sequence[float], glyphs: Glyphs) -> str:
    """One sign per share; what is empty is a dot, so that it is seen to be there."""
    return "".join(
        elements.sparkline([share], glyphs, 1.0) if share else glyphs.dot for share in shares
    )


def _emptiest(console: Console, arenas: Sequence[Arena], glyphs: Glyphs) -> None:
    held = [arena for arena in arenas if arena.pools_used and arena.occupancy < SPARSE]
    chosen = sorted(held, key=lambda arena: (arena.used_bytes, arena.address))[:EMPTIEST]
    if not chosen:
        return
    console.print()
    title = f"The emptiest of them, pool by pool of {bytes_text(POOL_BYTES)}"
    console.print(Text(title, style=HEADING), no_wrap=True, overflow="ellipsis")
    for arena in chosen:
        line = Text(f"{bytes_text(arena.used_bytes):>{LABEL_WIDTH}} ")
        line.append(_signs(_pools(arena, console.width - LABEL_WIDTH - 2), glyphs), style=BAR)
        _line(console, line)


def _pools(arena: Arena, width: int) -> list[float]:
    """How full each pool is, or as many neighbours together as fit."""
    pools = arena.pool_bytes
    together = -(-len(pools) // max(width, 8))
    parts = (pools[place : place + together] for place in range(0, len(pools), together))
    return [sum(part) / (len(part) * POOL_BYTES) for part in parts]


def _sites(
    console: Console, moment: HeapMoment, origins: Origins, limit: int, glyphs: Glyphs
) -> None:
    shown = moment.sites[: limit or None]
    console.print()
    title = f"Whose blocks keep them: {len(shown):,} of {len(moment.sites):,} lines"
    console.print(Text(title, style=HEADING))
    told = (
        "free: of arenas less than half full, in equal parts to the lines there. without: arenas "
        "given back without the blocks of this line and of those above it."
    )
    console.print(Text(told, style=FAINT))
    _line(console, elements.legend(glyphs))
    header = f"{'free':>9}{'without':>9}{'arenas':>8}{'alone':>7}{'pools':>7}{'blocks':>8}  where"
    _line(console, Text(header, style=FAINT))
    for site in shown:
        for line in _site(site, origins, console.width, glyphs):
            _line(console, line)


def _site(site: PinningSite, origins: Origins, width: int, glyphs: Glyphs) -> list[Text]:
    line = Text.assemble(
        bytes_text(site.pinned_bytes).rjust(9),
        count_text(site.returned_so_far).rjust(9),
        count_text(site.arenas).rjust(8),
        count_text(site.arenas_alone).rjust(7),
        count_text(site.pools).rjust(7),
        count_text(site.blocks).rjust(8),
        "  ",
    )
    return elements.placed(line, site.site, site.origin, origins, width, glyphs)


def _remarks(console: Console, found: Fragmentation, moment: HeapMoment) -> None:
    remarks = []
    if found.sampled:
        remarks.append(
            "Only sampled blocks are told to lines; the others count as unrecorded, so no line "
            "is seen to hold an arena alone."
        )
    if moment.counted and moment.unrecorded_blocks:
        size = sum(arena.unrecorded_bytes for arena in moment.arenas)
        remarks.append(
            f"Of the blocks {count_text(moment.unrecorded_blocks)} ({bytes_text(size)}) were not "
            "recorded: they are from before the recording, left out, or memscope's own. They "
            "keep arenas too."
        )
    elif not moment.counted:
        remarks.append(
            "Recorded blocks only: what else lies there is known only when a recording ends "
            "before its program."
        )
    if moment.elsewhere_blocks:
        remarks.append(
            f"{plural(moment.elsewhere_blocks, 'recorded block')} of pymalloc's lie in arenas that "
            "are older than the recording; Python 3.11 does not tell where those are."
        )
    if not moment.survey.whole:
        remarks.append("Memory for the map ran out: part of it is missing.")
    others = [other for other in found.moments if other is not moment]
    for other in others:
        name = "at the end" if other.survey.moment == "end" else "far below the peak"
        remarks.append(
            f"Also seen {name}, at {time_text(other.survey.time_ns / 1e9)}: "
            f"{plural(len(other.arenas), 'arena')}, "
            f"{share_text(other.used_bytes / max(other.arenas_bytes, 1))} in use "
            f"(--at {other.survey.moment})."
        )
    if remarks:
        console.print()
    for remark in remarks:
        console.print(Text(remark, style=FAINT))


def _line(console: Console, line: Text) -> None:
    console.print(line, no_wrap=True, overflow="crop")
