"""Advice for people: what, where, how much, the change as code, and the command that proves it."""

from __future__ import annotations

import shlex
import textwrap

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from memscope.advice.model import Advice, Advised, Interval, Measure, Rejected, Whole
from memscope.advice.registry import title_of
from memscope.analysis.mainholder import MainHolder
from memscope.analysis.origins import Origins
from memscope.analysis.units import bytes_text, share_text
from memscope.analysis.unseen import Unseen
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.reports.advice import MEASURE_NAMES, amount_text, verify_command
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, OWN, Glyphs, glyphs_for
from memscope.reports.terminal.explain import print_facts
from memscope.reports.unseen import reason_text, remedy_text

BAR_WIDTH = 24
LABEL_WIDTH = 9
REJECTED_SHOWN = 4
_WIDEST = 100


def print_advised(
    console: Console,
    advised: Advised,
    capture: Capture,
    origins: Origins,
    limit: int,
    holder: MainHolder | None = None,
) -> None:
    """holder: the one to name where nothing is advised."""
    glyphs = glyphs_for(console)
    elements.heading(console, "advice", capture.meta, complete=capture.complete)
    count = limit or len(advised.advice)
    shown = advised.advice[:count]
    for number, advice in enumerate(shown, 1):
        if number > 1:
            console.print()
        _one(console, number, advice, advised.whole, capture, origins)
    hidden = len(advised.advice) - len(shown)
    if hidden:
        console.print()
        console.print(Text(f"and {hidden:,} more with -n 0", style=FAINT))
    if not shown and advised.growing:
        _growing(console, advised, origins, glyphs)
    elif not shown:
        native = any(item.kind == "native" for item in advised.rejected)
        _nothing(console, advised.unseen, advised.others, native=native, holder=holder)
    if not shown and holder is not None:
        _holder(console, holder, capture, glyphs)
    _not_seen(console, advised.unseen)
    _rejected(console, advised.rejected, origins, glyphs)
    notes = [one_line(note) for note in advised.notes]
    if notes or capture.notes:
        console.print()
    for note in notes:
        _wrapped(console, note, style=FAINT)
    elements.notes(console, capture.notes)


def print_explained(
    console: Console, advised: Advised, capture: Capture, origins: Origins, number: int
) -> None:
    """The advice of this number, and the facts that it rests on."""
    advice = advised.advice[number - 1]
    elements.heading(console, "advice", capture.meta, complete=capture.complete)
    _one(console, number, advice, advised.whole, capture, origins)
    print_facts(console, advice.facts)
    elements.notes(console, capture.notes)


def _nothing(
    console: Console, unseen: Unseen, others: int, *, native: bool, holder: MainHolder | None
) -> None:
    all_seen = not unseen.reasons
    heading = "Nothing to advise." if all_seen else "Nothing to advise on what was seen."
    if holder is not None:
        does = "grows" if holder.snapshots else "keeps much"
        heading = heading.replace(".", f", but one holder {does}.")
    console.print(Text(heading, style=HEADING))
    told = (
        "No change that memscope knows would gain 1% of the CPU time, or 1 MiB and 2% of the peak,"
        " for sure."
    )
    if others:
        told += f" Without --kind there is other advice: {others:,}."
    elif native:
        told += " What C code holds is named below; how to change that, the source does not tell."
    elif all_seen and holder is None:
        told += " You may know one: memscope hotspots --by peak lists the lines that made the peak."
    _wrapped(console, told)


def _not_seen(console: Console, unseen: Unseen) -> None:
    """What the advice knows nothing of, and what would show it."""
    if not unseen.reasons:
        return
    console.print()
    console.print(Text("Not seen", style=HEADING))
    for reason in unseen.reasons:
        told = f"{reason_text(reason, unseen)}."
        if remedy := remedy_text(reason, unseen):
            told += f" To see it: {remedy}."
        _wrapped(console, one_line(told), indent=2)


def _growing(console: Console, advised: Advised, origins: Origins, glyphs: Glyphs) -> None:
    """Nothing is advised, and yet all is not well for sure."""
    most = advised.growing[0]
    place = elements.place(origins, most.site.file, most.site.line, 36, glyphs)
    grown = amount_text("peak_bytes", sum(item.grown_bytes for item in advised.growing))
    lines = len(advised.growing)
    console.print(Text("Nothing to advise, but something grows.", style=HEADING))
    _wrapped(
        console,
        f"{grown} of what {place}{f' and {lines - 1} more lines make' if lines > 1 else ' makes'}"
        " came little by little until the program's work was done, and was not released. It may be"
        " a leak, or data that the program needs to the end. Record a longer run: a leak goes on"
        " growing.",
    )


def _holder(console: Console, holder: MainHolder, capture: Capture, glyphs: Glyphs) -> None:
    """What a snapshot says, whatever the source does: path and size on a line, and the command."""
    size = bytes_text(holder.bytes)
    if holder.snapshots:
        since = f"from snapshot {holder.snapshots[0]} to {holder.snapshots[-1]}"
        if len(holder.snapshots) > 2:
            since += ", more in each"
        told = f"leak suspect, +{size} {since}: "
    else:
        told = f"{size}, {share_text(holder.bytes / holder.total_bytes)} of all objects: "
    path = elements.cut_front(
        one_line(holder.way.path), max(console.width - len(told) - 2, 16), glyphs
    )
    console.print()
    console.print(Text.assemble("  ", told, (path, OWN)), soft_wrap=True)
    # Not cut, even where it is too long for the screen: it is there to be copied.
    command = one_line(f"memscope holders {shlex.quote(str(capture.path))}")
    console.print(
        Text.assemble((f"next {glyphs.arrow} ", FAINT), (command, HEADING)), soft_wrap=True
    )


def _one(
    console: Console,
    number: int,
    advice: Advice,
    whole: Whole,
    capture: Capture,
    origins: Origins,
) -> None:
    glyphs = glyphs_for(console)
    width = min(console.width, _WIDEST)
    title = f"{number}  {advice.kind}: {title_of(advice.kind)}".rstrip(": ")
    place = elements.place(
        origins, advice.site.file, advice.site.line, max(width - cell_len(title) - 3, 16), glyphs
    )
    gap = max(width - cell_len(title) - cell_len(place), 3)
    console.print(
        Text.assemble((title, HEADING), " " * gap, (place, OWN)), no_wrap=True, overflow="ellipsis"
    )
    _wrapped(console, advice.summary, indent=3)
    for measure, saving in advice.predicted.items():
        if saving.high > 0:
            _gain(console, measure, saving, whole, glyphs)
    _labelled(console, "change", advice.fix.text)
    for line in advice.fix.code.splitlines():
        text = " " * (len(line) - len(line.lstrip(" "))) + one_line(line.strip())
        console.print(
            Text.assemble(" " * (3 + LABEL_WIDTH), (glyphs.vertical, FAINT), " ", (text, "bold")),
            soft_wrap=True,
        )
    _labelled(console, "cost", advice.cost)
    _labelled(console, "known", f"{advice.modelled}; confidence {advice.confidence:.0%}")
    console.print(
        Text.assemble(
            " " * 3,
            ("prove".ljust(LABEL_WIDTH), FAINT),
            one_line(verify_command(advice, capture)),
        ),
        soft_wrap=True,
    )


def _gain(
    console: Console, measure: Measure, saving: Interval, whole: Whole, glyphs: Glyphs
) -> None:
    """One line: what is left of the whole as a bar, and the saving with its interval."""
    label = MEASURE_NAMES.get(measure, str(measure))
    total = {
        "cpu_s": whole.cpu_s,
        "peak_bytes": whole.peak_bytes,
        "rss_bytes": whole.resident_bytes or whole.peak_bytes,
    }.get(measure, 0.0)
    told = amount_text(measure, saving.value)
    between = f"{amount_text(measure, saving.low)} to {amount_text(measure, saving.high)}"
    line = Text(" " * 3)
    line.append(("calls" if measure == "allocations" else label).ljust(LABEL_WIDTH), FAINT)
    if total > 0:
        line.append_text(_before_after(saving, total, glyphs))
        line.append(f" -{told}", HEADING)
        line.append(f" ({between}) of {amount_text(measure, total)}")
    else:
        line.append(f"-{told}", HEADING)
        line.append(f" ({between}) {label}")
    line.truncate(console.width, overflow="ellipsis")
    console.print(line)


def _before_after(saving: Interval, total: float, glyphs: Glyphs) -> Text:
    """The whole as a bar: what stays, what may go, what goes for sure."""
    sure = min(max(saving.low / total, 0.0), 1.0)
    most = min(max(saving.high / total, sure), 1.0)
    gone = min(max(round(sure * BAR_WIDTH), 1 if sure > 0 else 0), BAR_WIDTH)
    perhaps = min(round(most * BAR_WIDTH), BAR_WIDTH) - gone
    stays = BAR_WIDTH - gone - max(perhaps, 0)
    return Text.assemble(
        (glyphs.full * stays, elements.BAR),
        (glyphs.half * max(perhaps, 0), elements.SECOND),
        (glyphs.dot * gone, FAINT),
    )


def _rejected(
    console: Console, rejected: tuple[Rejected, ...], origins: Origins, glyphs: Glyphs
) -> None:
    tempting = [item for item in rejected if item.site is not None and item.weight > 0]
    if not tempting:
        return
    console.print()
    console.print(Text("Looked tempting, but", style=HEADING))
    for item in tempting[:REJECTED_SHOWN]:
        assert item.site is not None
        place = elements.place(origins, item.site.file, item.site.line, 36, glyphs)
        console.print(Text.assemble("   ", (place, OWN), "  ", (item.kind, FAINT)))
        _wrapped(console, item.reason, indent=6)
    more = len(tempting) - REJECTED_SHOWN
    if more > 0:
        console.print(Text(f"   and {more:,} more with --json", style=FAINT))


def _labelled(console: Console, label: str, text: str) -> None:
    room = max(min(console.width, _WIDEST) - LABEL_WIDTH - 3, 20)
    lines = textwrap.wrap(one_line(text), room) or [""]
    for number, line in enumerate(lines):
        head = label if number == 0 else ""
        console.print(Text.assemble(" " * 3, (head.ljust(LABEL_WIDTH), FAINT), line))


def _wrapped(console: Console, text: str, indent: int = 0, style: str = "") -> None:
    room = max(min(console.width, _WIDEST) - indent, 20)
    for line in textwrap.wrap(one_line(text), room):
        console.print(Text(" " * indent + line, style=style))
