"""What a capture is: of which program, whether whole, and what it consists of."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from memscope.analysis.processes import unrecorded_processes
from memscope.analysis.units import bytes_text, count_text, plural, share_text, time_text
from memscope.capture import Capture
from memscope.capture.description import End, Meta
from memscope.errors import one_line
from memscope.reports.budget import budget_lines
from memscope.reports.contents import frame_sizes, table_sizes
from memscope.reports.folding import folded_line
from memscope.reports.native import (
    NOT_ATTACHED,
    attached_native,
    small_native_of,
    small_native_text,
)
from memscope.reports.objects import not_known_lines
from memscope.reports.processes import role_text, unrecorded_lines
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, WARNING
from memscope.reports.terminal.summary import how_it_ended

LABEL_WIDTH = 14
# Child processes that are listed one by one.
MOST_CHILDREN = 20
MOST_PARTS = 20  # captures that a merged one is made of


def print_info(console: Console, capture: Capture) -> None:
    """Call after `Capture.verify()`."""
    meta = capture.meta
    elements.heading(console, "memscope info", meta, complete=capture.complete)
    size = bytes_text(capture.size_bytes)
    _fact(console, "file", f"{capture.path}, {size}, format {meta.format}")
    whole = "yes, every checksum was checked" if capture.complete else "no"
    _fact(console, "complete", whole, style="" if capture.complete else WARNING)
    for note in capture.notes:
        _fact(console, "", note, style=WARNING)
    _fact(console, "program", elements.command_text(meta))
    _fact(console, "in", meta.cwd)
    recorded = f"by memscope {meta.memscope}" if meta.memscope else ""
    started = _date(meta.started)
    _fact(console, "recorded", " ".join(part for part in (recorded, started) if part))
    _fact(console, "python", f"{meta.implementation} {meta.python} {meta.platform}".strip())
    _fact(console, "allocator", meta.allocator)
    _fact(console, "labels", ", ".join(f"{key}={value}" for key, value in meta.labels.items()))
    _parts(console, meta)
    _fact(console, "numbers", elements.how_sure(meta, complete=True))
    for number, (value, parts) in enumerate(budget_lines(meta, capture.end)):
        _fact(console, "" if number else "budget", f"{value}: {', '.join(parts)}")
    if not meta.imports:
        _fact(console, "imports", "left out: what was allocated while importing is not recorded")
    _fact(console, "events", "kept one by one" if meta.events else "kept as sums only")
    recorded = "recorded" if meta.objects else "not recorded: lines are those that allocated"
    _fact(console, "objects", recorded)
    for line in not_known_lines(capture):
        _fact(console, "", line, style=WARNING)
    folded = folded_line(capture.end)
    if folded is not None:
        _fact(console, "stacks", folded)
    _fact(console, "duration", time_text(capture.duration_ns / 1e9))
    ended = capture.exit
    if ended is not None:
        times = f"after {time_text(ended.wall_s)} ({time_text(ended.cpu_s)} of processor time)"
        _fact(console, "end", f"{how_it_ended(ended)} {times}")
    _processes(console, capture)
    if capture.end is not None:
        _counters(console, capture.end)
    _contents(console, capture)


def _parts(console: Console, meta: Meta) -> None:
    """The captures that a merged one is made of, and their labels beyond the shared ones."""
    for part in meta.parts[:MOST_PARTS]:
        peak, kept = bytes_text(part.peak_bytes), bytes_text(part.live_bytes)
        words = [f"peak {peak}, {kept} at the end"]
        words += [f"{key}={of}" for key, of in part.labels.items() if key not in meta.labels]
        _fact(console, f"  {part.pid}", ", ".join(words))
        if not part.complete:
            _fact(console, "", "partial: its figures are not exact", style=WARNING)
    if len(meta.parts) > MOST_PARTS:
        _fact(console, "", f"and {len(meta.parts) - MOST_PARTS:,} more (--json has them all)")


def _processes(console: Console, capture: Capture) -> None:
    for line in unrecorded_lines(unrecorded_processes(capture.end, capture.exit)):
        _fact(console, "processes", line, style=WARNING)
    processes = capture.end.processes if capture.end is not None else None
    for child in processes.listed[:MOST_CHILDREN] if processes is not None else ():
        parts = [role_text(child)]
        if child.peak_resident_bytes:
            peak, cpu = bytes_text(child.peak_resident_bytes), time_text(child.cpu_s)
            parts.append(f"{peak} resident at most, {cpu} of processor time")
        if child.followed:
            parts.append("recorded")
        if child.running:
            parts.append("still running")
        _fact(console, f"  {child.pid or '?'}", ", ".join(parts))


def _date(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("on %Y-%m-%d at %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return ""


def _counters(console: Console, end: End) -> None:
    reasons = {
        "stopped": "recording was stopped in the program or at its exit",
        "exited": "the process was gone first; its last events came from the shared segment",
        "merged": "of several captures, laid over one another from their starts",
        "interim": "it went on: this is an interim capture, of the recording so far",
        "damaged": "the program wrote over the shared segment: figures may be wrong",
    }
    _fact(console, "recording", reasons.get(end.reason, end.reason))
    _fact(console, "recorder", f"{plural(end.events, 'event')}, {plural(end.threads, 'thread')}")
    waited = (
        f"{plural(end.waits, 'time')}, {time_text(end.wait_ns / 1e9)}" if end.waits else "never"
    )
    _fact(console, "waited", f"{waited} (the program, for the recorder)")
    dropped = plural(end.dropped_events, "event") if end.dropped_events else "none"
    _fact(console, "dropped", dropped, style=WARNING if end.dropped_events else "")
    if end.lost_stacks:
        stacks = plural(end.lost_stacks, "allocation")
        _fact(console, "lost stacks", f"{stacks} recorded with a cut stack", style=WARNING)
    older = (
        f"{plural(end.unknown_frees, 'free')}, {plural(end.unknown_reallocations, 'reallocation')}"
    )
    _fact(console, "older blocks", f"{older} of blocks from before the recording")
    if attached_native(end):
        _fact(console, "native", f"attached; not seen: {NOT_ATTACHED}", style=WARNING)
    if small := small_native_of(end):
        text = f"{bytes_text(small.allocated_bytes)} {small_native_text(small)}"
        _fact(console, "native", text, style=WARNING)
    if end.replaced_blocks:
        again = plural(end.replaced_blocks, "address", "addresses")
        _fact(console, "replaced", f"{again} came again without a free in between", style=WARNING)
    if end.collections is not None:
        runs = ", ".join(count_text(count) for count in end.collections)
        share = share_text(end.collecting_polls / end.polls) if end.polls else "0%"
        _fact(console, "collector", f"{runs} runs per generation; at work in {share} of all looks")
    _fact(console, "segment", f"{bytes_text(end.segment_bytes)} of shared memory touched")


def _contents(console: Console, capture: Capture) -> None:
    tables = ", ".join(
        plural(count, name.replace("_", " ").removesuffix("s"))
        for name, count in table_sizes(capture).items()
    )
    _fact(console, "tables", tables)
    console.print()
    console.print(
        Text(f"{'frames':<{LABEL_WIDTH}}{'count':>8}{'bytes':>12}{'share':>7}", style=FAINT)
    )
    sizes = frame_sizes(capture)
    for name, (count, size) in sizes.items():
        share = share_text(size / capture.size_bytes) if capture.size_bytes else ""
        console.print(
            f"{name:<{LABEL_WIDTH}}{count_text(count):>8}{bytes_text(size):>12}{share:>7}"
        )


def _fact(console: Console, label: str, value: str, style: str = "") -> None:
    if not value:
        return
    row = Table.grid()
    row.add_column(width=LABEL_WIDTH, no_wrap=True)
    row.add_column(overflow="fold")
    row.add_row(Text(label, style=FAINT), Text(one_line(value), style=style))
    console.print(row)
