"""Holders as a list: who keeps how much alive; and the ways to objects of one kind."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from memscope.analysis.retainergrowth import RetainerGrowth
from memscope.analysis.retainers import LineShare, RetainerFigures, Retainers, Why, root_text
from memscope.analysis.stacks import Stacks
from memscope.analysis.units import bytes_text, count_text, share_text, signed
from memscope.capture import Capture
from memscope.capture.snapshots import Snapshot
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT

BAR_WIDTH = 8
INDENT = " " * (BAR_WIDTH + 2)
MOST_LINES = 2
MOST_SUSPECTS = 5


def print_holders(
    console: Console,
    found: Retainers,
    grown: RetainerGrowth | None,
    capture: Capture,
    stacks: Stacks,
) -> None:
    elements.heading(console, "memscope holders", capture.meta, complete=capture.complete)
    glyphs = elements.glyphs_for(console)
    console.print(
        f"bytes that would be free if the holder let go: {len(found.rows):,} of {found.count:,} "
        f"holders, of {bytes_text(found.total_bytes)} in objects"
    )
    console.print(Text(snapshot_text(found.snapshot, capture), style=FAINT))
    console.print()
    header = f"{'':{BAR_WIDTH}}{'bytes':>10}{'share':>6}{'objects':>9}  what keeps them alive"
    console.print(Text(header, style=FAINT))
    for row in found.rows:
        line = Text.assemble(
            elements.bar(row.share, BAR_WIDTH, glyphs),
            bytes_text(row.retained_bytes).rjust(10),
            share_text(row.share).rjust(6),
            count_text(row.retained_objects).rjust(9),
            "  ",
        )
        _print(console, line, row.way.path, glyphs)
        what = elements.cut_end(_what(row, grown), console.width - len(INDENT), glyphs)
        _print(console, Text(INDENT), what, glyphs, style=FAINT)
        for share in row.lines[:MOST_LINES]:
            _line(console, share, stacks, glyphs)
    if grown is not None:
        _suspects(console, grown, stacks, glyphs)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _suspects(
    console: Console, grown: RetainerGrowth, stacks: Stacks, glyphs: elements.Glyphs
) -> None:
    first, last = grown.since, grown.compared[-1]
    numbers = [str(of.number) for of in grown.compared]
    listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}"
    console.print()
    if not grown.suspects:
        console.print(
            Text(f"no holder grew in each of the snapshots {listed}", style=FAINT),
        )
        return
    console.print(
        f"leak suspects: what grew in each of the snapshots {listed}, "
        f"from {first.time_ns / 1e9:.2f} to {last.time_ns / 1e9:.2f} s"
    )
    console.print()
    console.print(Text(f"{'growth':>18}{'per second':>15}  under", style=FAINT))
    for suspect in grown.suspects[:MOST_SUSPECTS]:
        line = Text(
            f"+{bytes_text(suspect.growth_bytes)}".rjust(18)
            + f"{bytes_text(suspect.bytes_per_s)}/s".rjust(15)
            + "  "
        )
        _print(console, line, suspect.way.path, glyphs)
        of = _listed([f"{share.type} +{bytes_text(share.bytes)}" for share in suspect.types])
        root = "" if suspect.way.root.kind == "module" else f"{root_text(suspect.way.root)}: "
        what = elements.cut_end(f"{root}{of}", console.width - len(INDENT), glyphs)
        _print(console, Text(INDENT), what, glyphs, style=FAINT)
        for share in suspect.lines[:MOST_LINES]:
            _line(console, share, stacks, glyphs)
    if len(grown.suspects) > MOST_SUSPECTS:
        more = f"and {len(grown.suspects) - MOST_SUSPECTS} more, in --json"
        console.print(Text(f"{INDENT}{more}", style=FAINT))


def print_why(console: Console, found: Why, capture: Capture) -> None:
    elements.heading(console, "memscope why", capture.meta, complete=capture.complete)
    glyphs = elements.glyphs_for(console)
    console.print(
        f"{one_line(found.what)}: {count_text(found.objects)} objects, {bytes_text(found.bytes)}, "
        f"{len(found.paths):,} of {found.count:,} ways to them"
    )
    console.print(Text(snapshot_text(found.snapshot, capture), style=FAINT))
    console.print()
    header = f"{'':{BAR_WIDTH}}{'bytes':>10}{'objects':>9}  way from a root"
    console.print(Text(header, style=FAINT))
    for kept in found.paths:
        share = kept.bytes / found.bytes if found.bytes else 0.0
        line = Text.assemble(
            elements.bar(share, BAR_WIDTH, glyphs),
            bytes_text(kept.bytes).rjust(10),
            count_text(kept.objects).rjust(9),
            "  ",
        )
        _print(console, line, kept.way.path, glyphs)
        _print(console, Text(INDENT), root_text(kept.way.root), glyphs, style=FAINT)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def snapshot_text(snapshot: Snapshot, capture: Capture) -> str:
    moment, many = snapshot.moment, len(capture.moments)
    which = f"snapshot {moment.number} of {many}: " if many > 1 else ""
    return (
        f"{which}{count_text(snapshot.objects)} objects, "
        f"{count_text(len(snapshot.targets))} references "
        f"at {moment.time_ns / 1e9:.2f} s; the program stood still for "
        f"{moment.pause_ns / 1e6:,.0f} ms{_peaks_text(capture)}"
    )


def _peaks_text(capture: Capture) -> str:
    """What came of those at peaks, if there were any."""
    end = capture.end
    peaks = end.peak_snapshots if end is not None else None
    if end is None or peaks is None:
        return ""
    share = peaks.pause_ns / end.duration_ns if end.duration_ns else 0.0
    parts = []
    if peaks.made:
        parts.append(
            f"snapshots at peaks: {peaks.made:,}, which took {share_text(share)} of the time"
        )
    if peaks.skipped:
        parts.append(f"peaks left out to stay within --snapshot-budget: {peaks.skipped:,}")
    if peaks.unanswered:
        parts.append(f"peaks at which no snapshot could be taken: {peaks.unanswered:,}")
    return "".join(f"; {part}" for part in parts)


def _what(row: RetainerFigures, grown: RetainerGrowth | None) -> str:
    change = grown.of.get(row.number) if grown is not None else None
    since = ""
    if change is not None:
        since = f"{signed(change, bytes_text(abs(change)))} since the first snapshot; "
    of = _listed([f"{share.type} {bytes_text(share.bytes)}" for share in row.types])
    root = "" if row.way.root.kind == "module" else f"{root_text(row.way.root)}: "
    return f"{since}{root}{of}"


def _listed(parts: Sequence[str]) -> str:
    return ", ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def _line(console: Console, share: LineShare, stacks: Stacks, glyphs: elements.Glyphs) -> None:
    if share.line is None or not share.bytes:
        return
    origin = share.origin
    line = Text(f"{INDENT}{bytes_text(share.bytes):>9} made at ", style=FAINT)
    room = console.width - line.cell_len - 2
    line.append_text(elements.mark(origin, glyphs)).append(" ")
    line.append_text(elements.where(share.line, origin, stacks.origins, room, glyphs))
    console.print(line, no_wrap=True, overflow="crop")


def _print(
    console: Console, line: Text, text: str, glyphs: elements.Glyphs, style: str = ""
) -> None:
    room = console.width - line.cell_len
    line.append(elements.cut_front(one_line(text), room, glyphs), style=style)
    console.print(line, no_wrap=True, overflow="crop")
