"""The summary: one screen of 80 by 24 that says where the memory went and what to ask next."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator, Sequence
from itertools import chain

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from memscope.advice.program.compiledcalls import NO_CALLS, CompiledCalls
from memscope.analysis.hotspots import Hotspots
from memscope.analysis.resident import Resident
from memscope.analysis.stacks import Stacks
from memscope.analysis.summary import Summary
from memscope.analysis.timeline import resample
from memscope.analysis.types import type_name
from memscope.analysis.uncertain import MATTERS_SHARE, uncertain_in
from memscope.analysis.units import bytes_text, count_text, plural, share_text, time_text
from memscope.analysis.unseen import Unseen
from memscope.capture.description import ChildProcess, Exit
from memscope.errors import one_line
from memscope.reports.budget import budget_lines
from memscope.reports.compiled import calls_names, own_texts
from memscope.reports.folding import folded_line
from memscope.reports.native import attached_native, small_native_of, small_native_text
from memscope.reports.objects import uncertain_text
from memscope.reports.processes import role_text, unrecorded_lines
from memscope.reports.rss import one_line_text
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, WARNING, Glyphs, bar, glyphs_for
from memscope.reports.unseen import owners_texts

LABEL_WIDTH = 10
VALUE_WIDTH = 10
# Where less or a smaller share was not tracked, its owners are not worth a line.
LEAST_UNSEEN_BYTES = 16 << 20
LEAST_UNSEEN_SHARE = 0.25
BAR_WIDTH = 12
SITES = 4


def print_summary(console: Console, summary: Summary) -> None:
    glyphs = glyphs_for(console)
    elements.heading(console, "memscope", summary.meta, complete=summary.complete)
    _facts(console, summary, glyphs)
    if summary.total.allocations > 0:
        sites = max(SITES - (_said(summary) + 1) // 2, 1)
        stacks = summary.stacks
        calls = CompiledCalls(summary.meta, summary.compiled)
        print_sites(
            console, "Made the peak", summary.made_peak, stacks, sites, calls=calls, legend=True
        )
        most = "Requested most" if summary.meta.objects else "Allocated most"
        print_sites(console, most, summary.churned, stacks, sites, calls=calls)
    else:
        console.print()
        console.print(Text("Nothing was allocated while memscope was recording."))
    console.print()
    elements.notes(console, summary.notes, most=2)
    for line in unrecorded_lines(summary.unrecorded):
        console.print(Text(elements.cut_end(line, console.width, glyphs), style=WARNING))
    folded = folded_line(summary.end)
    if folded is not None:
        console.print(Text(elements.cut_end(folded, console.width, glyphs), style=FAINT))
    console.print(_ending(summary, glyphs, console.width))
    _next(console, summary, glyphs)


def _said(summary: Summary) -> int:
    """Lines that a partial capture, the children and memory that was not seen have to say.

    They take the place of lines of the lists: the screen stays one.
    """
    said = len(unrecorded_lines(summary.unrecorded)) + (largest_child(summary) is not None)
    said += summary.types is not None
    said += len(list(_native_facts(summary)))
    said += summary.made_of is not None
    said += bool(own_texts(summary.compiled))
    said += folded_line(summary.end) is not None
    return said + (0 if summary.complete else 2) + _much_unseen(summary.unseen)


def _native_facts(summary: Summary) -> Iterator[tuple[str, str, str]]:
    """Of what libraries mapped, if it may be a part of the peak, and of small native requests."""
    mapped = summary.domains.get("mapped")
    if mapped is not None and mapped.peak_bytes * 20 > summary.total.peak_bytes:
        told = "by libraries, touched or not: see memscope rss"
        yield "mapped", bytes_text(mapped.peak_bytes), told
    if attached_native(summary.end):
        yield (
            "native",
            "attached",
            "in the midst of the run: see memscope info for what is missing",
        )
    if small := small_native_of(summary.end):
        yield "native", bytes_text(small.allocated_bytes), small_native_text(small)


def _budget_facts(summary: Summary, room: int) -> Iterator[tuple[str, str, str]]:
    """What recording cost, when it was sampled, and what is estimated, where there is a budget."""
    for number, (value, parts) in enumerate(budget_lines(summary.meta, summary.end)):
        yield "" if number else "budget", value, _as_many_as_fit(parts, room)


def _facts(console: Console, summary: Summary, glyphs: Glyphs) -> None:
    total = summary.total
    room = console.width - LABEL_WIDTH - VALUE_WIDTH - 2
    about = glyphs.about if summary.meta.sampled else ""
    seconds = summary.duration_ns / 1e9

    def fact(label: str, value: str, rest: str) -> None:
        line = Text.assemble(
            (label.ljust(LABEL_WIDTH), FAINT), (value.rjust(VALUE_WIDTH), HEADING), "  ", rest
        )
        line.truncate(console.width, overflow="ellipsis")
        console.print(line)

    peak = f"at {time_text(summary.peak_time_ns / 1e9)} of {time_text(seconds)}"
    if summary.peak_blocks:
        peak += f", in {plural(summary.peak_blocks, 'block')}"
    fact("peak", about + bytes_text(total.peak_bytes), peak)
    for label, value, rest in chain(_native_facts(summary), _budget_facts(summary, room)):
        fact(label, value, rest)
    _print_types(console, summary, glyphs)
    samples = summary.over_time.samples
    if len(samples) > 1 and room > 10:
        bins = resample(summary.over_time, min(room, 60))
        line = elements.sparkline([item.max_live_bytes for item in bins], glyphs)
        console.print(_labelled("", "over time", Text(line, style=elements.BAR)))
    about_memory = _resident_facts(summary, room, glyphs)
    for label, value, rest in chain(about_memory, _compiled_facts(summary, room)):
        fact(label, value, rest)
    child = largest_child(summary)
    if child is not None:
        told = _as_many_as_fit(_child(summary, child), room)
        fact("child", bytes_text(child.peak_resident_bytes), told)
    at_most = "up to " if summary.requests_at_most else ""
    churn = f"in {plural(total.allocations, 'allocation')}"
    if seconds >= 0.01:
        churn += f" ({count_text(total.allocations / seconds)}/s)"
    if summary.short_lived:
        churn += f", {share_text(summary.short_lived_share)} short-lived"
    label = "requested" if summary.meta.objects else "allocated"
    fact(label, at_most + about + bytes_text(total.allocated_bytes), churn)
    if any(summary.sizes) and _said(summary) <= 2 * (SITES - 1):
        console.print(_labelled("", _size_ends(summary), _sizes(summary, glyphs, room)))
    fact(
        "so far" if summary.is_interim else "at end",
        about + bytes_text(total.live_bytes),
        f"live in {plural(total.live_blocks, 'block')}",
    )


def _resident_facts(summary: Summary, room: int, glyphs: Glyphs) -> Iterator[tuple[str, str, str]]:
    """Label, value and the rest of the lines on resident memory."""
    if not summary.resident.peak_bytes:
        return
    resident = bytes_text(summary.resident.peak_bytes)
    yield "resident", resident, resident_text(summary.resident)
    if summary.made_of is not None:
        told = _as_many_as_fit(one_line_text(summary.made_of).split(", "), room)
        yield "made of", f"{share_text(summary.made_of.explained_share)} known", told
    if _much_unseen(summary.unseen):
        size_bytes = bytes_text(summary.unseen.size_bytes or 0)
        yield "not seen", size_bytes, _owners(summary.unseen, room, glyphs)


def _compiled_facts(summary: Summary, room: int) -> Iterator[tuple[str, str, str]]:
    """Modules of the user's whose calls no line shows."""
    if compiled := own_texts(summary.compiled):
        end = ": counted where called"
        told = _as_many_as_fit(compiled, room - len(end)) + end
        yield "compiled", plural(len(compiled), "module"), told


def _as_many_as_fit(parts: Sequence[str], room: int) -> str:
    """The first of the parts, and those after it up to one that would be cut off."""
    told = parts[0]
    for part in parts[1:]:
        if cell_len(told) + cell_len(part) + 2 > room:
            break
        told += f", {part}"
    return told


def _print_types(console: Console, summary: Summary, glyphs: Glyphs) -> None:
    """What the peak consists of: as many types as there is room for, heaviest first.

    A program that was not asked at its end is said to have them perhaps: they are those of what
    died at the same lines.
    """
    if summary.types is None:
        return
    known = None if summary.end is None else summary.end.objects
    perhaps = "" if known is not None and known.types_of_live != "not asked" else "perhaps "
    room = console.width - LABEL_WIDTH
    told = ""
    for row in (row for row in summary.types.rows if row.type.kind):
        name, share = one_line(type_name(row.type)), share_text(row.share)
        if not told:
            left = room - cell_len(perhaps) - cell_len(share) - 1
            told = f"{perhaps}{elements.cut_front(name, left, glyphs)} {share}"
        elif cell_len(told) + cell_len(name) + cell_len(share) + 3 > room:
            break
        else:
            told += f", {name} {share}"
    line = Text.assemble(("types".ljust(LABEL_WIDTH), FAINT), told or "none known")
    console.print(line, no_wrap=True, overflow="crop")


def _labelled(label: str, value: str, drawing: Text) -> Text:
    start = f"{label.ljust(LABEL_WIDTH)}{value.rjust(VALUE_WIDTH)}  "
    return Text.assemble((start, FAINT), drawing)


def _size_ends(summary: Summary) -> str:
    return "16-512 B" if summary.pymalloc else "1-512 B"


def _sizes(summary: Summary, glyphs: Glyphs, room: int) -> Text:
    """Allocations per pymalloc class as one line; how many are larger follows in words."""
    *small, large = summary.sizes
    everything = sum(summary.sizes)
    drawing = Text.assemble((elements.sparkline(small, glyphs), elements.BAR))
    told = f"  by size; larger: {share_text(large / everything)}"
    if len(drawing) + len(told) <= room:
        drawing.append(told)
    return drawing


def resident_text(resident: Resident) -> str:
    """How much of it was tracked, and memscope's part, which the figure leaves out."""
    own = f"without memscope's own {bytes_text(resident.own_bytes)}"
    share = resident.tracked_share
    if share is None:
        return own
    if share > 1:
        return f"less than was requested: not all was touched; {own}"
    return f"{share_text(share)} of it tracked, {own}"


def largest_child(summary: Summary) -> ChildProcess | None:
    """The child process with most memory of those whose figures are known."""
    processes = summary.end.processes if summary.end is not None else None
    known = [child for child in processes.listed if child.peak_resident_bytes] if processes else []
    return max(known, key=lambda child: child.peak_resident_bytes, default=None)


def _child(summary: Summary, largest: ChildProcess) -> list[str]:
    """What is known of it and of all children, what matters most first."""
    told = [f"resident in {largest.pid} ({role_text(largest)})"]
    assert summary.end is not None
    processes = summary.end.processes
    assert processes is not None
    count = processes.forked + processes.spawned
    if count > 1:
        told.append(f"the largest of {count_text(count)}")
    waited_s = summary.exit.waited_cpu_s if summary.exit is not None else 0.0
    cpu_s = max(waited_s, sum(child.cpu_s for child in processes.listed))
    told.append(f"{time_text(cpu_s)} CPU" + (" in all" if count > 1 else ""))
    return told


def _much_unseen(unseen: Unseen) -> bool:
    size_bytes, share = unseen.size_bytes or 0, unseen.share or 0
    return size_bytes > LEAST_UNSEEN_BYTES and share > LEAST_UNSEEN_SHARE


def _owners(unseen: Unseen, room: int, glyphs: Glyphs) -> str:
    """As many owners as there is room for, largest first."""
    first, *others = owners_texts(unseen)
    told = elements.cut_end(first, room, glyphs)
    for text in others:
        if cell_len(told) + cell_len(text) + 2 > room:
            break
        told += f"; {text}"
    return told


def print_sites(
    console: Console,
    title: str,
    hotspots: Hotspots,
    stacks: Stacks,
    count: int,
    *,
    calls: CompiledCalls = NO_CALLS,
    legend: bool = False,
) -> None:
    """The first lines of a list, with bars."""
    glyphs = glyphs_for(console)
    console.print()
    head = Table.grid(expand=True)
    head.add_column(no_wrap=True)
    head.add_column(justify="right", no_wrap=True)
    head.add_row(Text(title, style=HEADING), elements.legend(glyphs) if legend else "")
    console.print(head)
    if not hotspots.rows:
        console.print(Text("  nothing", style=FAINT))
        return
    for row in hotspots.rows[:count]:
        value = row.peak_bytes if hotspots.by == "peak_bytes" else row.allocated_bytes
        uncertain = uncertain_in(row).of(hotspots.by)
        unsure = uncertain_text(uncertain) if uncertain >= MATTERS_SHARE * value else ""
        called = calls_names(calls.at(row.file, row.line))
        room = console.width - BAR_WIDTH - 20
        # Half of the room is the name's if it needs it; the place has all that is left.
        name = elements.function_name(row.function, max(room // 2, 4), glyphs)
        left = max(room - cell_len(name) - 3, 8)
        where = elements.place(stacks.origins, row.file, row.line, left, glyphs)
        line = Text.assemble(
            bar(row.share, BAR_WIDTH, glyphs),
            bytes_text(value).rjust(10),
            share_text(row.share).rjust(6),
            "  ",
            elements.mark(row.origin, glyphs),
            " ",
            (name, elements.OWN if row.origin == "own" else ""),
            "  ",
            (where, ""),
        )
        beside = unsure and line.cell_len + cell_len(unsure) + 2 <= console.width
        line.append(f"  {unsure}" if beside else "", FAINT)
        if called and line.cell_len + cell_len(called) + 2 <= console.width:
            line.append(f"  {called}", FAINT)
        console.print(line, no_wrap=True, overflow="ellipsis")
        if unsure and not beside:
            below = Text(" " * (BAR_WIDTH + 20) + unsure, FAINT)
            console.print(below, no_wrap=True, overflow="ellipsis")


def _ending(summary: Summary, glyphs: Glyphs, width: int) -> Text:
    parts = [how_it_ended(summary.exit)] if summary.exit is not None else []
    if summary.is_interim:
        parts.append("the program goes on; blocks on free lists count as live")
    end = summary.end
    if end is not None:
        if end.waits:
            waited = time_text(end.wait_ns / 1e9)
            parts.append(f"waited {waited} for the recorder ({plural(end.waits, 'time')})")
        if end.lost_stacks:
            parts.append(f"{plural(end.lost_stacks, 'stack')} cut for lack of memory")
    text = Text(f" {glyphs.dot} ".join(parts), style=FAINT)
    text.truncate(width, overflow="ellipsis")
    return text


def how_it_ended(ended: Exit | None) -> str:
    """`the program ended with status 0`."""
    if ended is None:
        return "how the program ended is not known"
    if ended.signal is not None:
        try:
            name = signal.Signals(ended.signal).name
        except ValueError:
            name = f"signal {ended.signal}"
        return f"the program was ended by {name}"
    if ended.status is not None:
        return f"the program ended with status {ended.status}"
    return "how the program ended is not known"


def _next(console: Console, summary: Summary, glyphs: Glyphs) -> None:
    path = shlex.quote(summary.path)
    subcommand, others = "advise", "  or report, hotspots, tree"
    native_bytes = summary.unseen.part("native") if _much_unseen(summary.unseen) else 0
    if native_bytes >= LEAST_UNSEEN_BYTES:
        others = f"  or run --native, to see {bytes_text(native_bytes)} more"
    elif summary.holders:
        others = "  or holders, report, hotspots, tree"
    if summary.total.allocations <= 0:
        subcommand, others = "info", ""
    command = f"memscope {subcommand} {path}"
    if cell_len(f"next {glyphs.arrow} {one_line(command)}{others}") > console.width:
        others = ""
    # Not cut, even where it is too long for the screen: it is there to be copied.
    console.print(
        Text.assemble(
            (f"next {glyphs.arrow} ", FAINT), (one_line(command), HEADING), (others, FAINT)
        ),
        soft_wrap=True,
    )
