"""The hotspots as a list: which line, how much, what share, and who called."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from memscope.advice.program.compiledcalls import NO_CALLS, CompiledCalls
from memscope.analysis.hotspots import Hotspot, Hotspots
from memscope.analysis.measures import SHORT_LIVED_BYTES, SiteBy
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.types import type_name
from memscope.analysis.uncertain import uncertain_in
from memscope.analysis.units import bytes_text, count_text, plural, share_text
from memscope.capture import Capture
from memscope.capture.model import CodeFrame
from memscope.errors import one_line
from memscope.reports.compiled import calls_text
from memscope.reports.objects import uncertain_text
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, OWN, Glyphs

BAR_WIDTH = 8

BY_NAMES: dict[SiteBy, str] = {
    "allocated_bytes": "bytes allocated",
    "allocations": "allocations",
    "created": "objects created",
    "peak_bytes": "bytes live at the peak",
    "live_bytes": "bytes live at the end",
    "short_lived": "short-lived blocks",
}


# Which of the two a figure is, where they differ: what was asked for, or what was made.
REQUESTED: dict[SiteBy, str] = {
    "allocated_bytes": "bytes requested",
    "allocations": "allocations requested",
}


def heading_text(by: SiteBy, group: str, objects: bool) -> str:
    """`bytes requested by line`, `bytes live at the peak by line that made them`."""
    if not objects:
        return f"{BY_NAMES[by]} by {group}"
    if by in REQUESTED:
        return f"{REQUESTED[by]} by {group}"
    return f"{BY_NAMES[by]} by {group} that made them"


def measure_text(by: SiteBy, value: float) -> str:
    return bytes_text(value) if by.endswith("_bytes") else count_text(value)


def measure_of(row: Hotspot, by: SiteBy) -> int:
    value: int = getattr(row, by)
    return value


def print_hotspots(
    console: Console,
    hotspots: Hotspots,
    capture: Capture,
    origins: Origins,
    calls: CompiledCalls = NO_CALLS,
) -> None:
    glyphs = elements.glyphs_for(console)
    by = hotspots.by
    elements.heading(console, "memscope hotspots", capture.meta, complete=capture.complete)
    about = glyphs.about if capture.meta.sampled else ""
    shown = len(hotspots.rows)
    total = f"{about}{measure_text(by, hotspots.total)}"
    console.print(
        f"{heading_text(by, hotspots.group, capture.meta.objects)}: {shown:,} of "
        f"{hotspots.groups_count:,}, of {total} in all"
    )
    if by == "short_lived":
        console.print(
            f"short-lived: released before {bytes_text(SHORT_LIVED_BYTES)} more was allocated",
            style=FAINT,
        )
    console.print(elements.legend(glyphs))
    console.print()
    if not hotspots.rows:
        console.print("nothing to show")
    else:
        _columns(console, by, objects=capture.meta.objects)
    drawing = _Drawing(console, hotspots, origins, objects=capture.meta.objects)
    for row in hotspots.rows:
        drawing.row(row)
        drawing.below(calls_text(calls.of(row, hotspots.group)))
    if any(capture.notes):
        console.print()
        elements.notes(console, capture.notes)


def _columns(console: Console, by: SiteBy, *, objects: bool) -> None:
    first = "bytes" if by.endswith("_bytes") else "blocks"
    second, third = _side_names(by, objects=objects)
    line = f"{'':{BAR_WIDTH}}{first:>10}{'share':>6}{second:>9}{third:>7}  where"
    console.print(Text(line, style=FAINT), no_wrap=True, overflow="ellipsis")


def _side_names(by: SiteBy, *, objects: bool) -> tuple[str, str]:
    """What stands beside the measure: enough to tell few large blocks from many small ones.

    Where objects are told, the blocks that a line frees may be those that another asked for.
    """
    last = "made" if objects else "freed"
    return ("allocs", last) if by != "allocations" else ("bytes", last)


def _sides(row: Hotspot, by: SiteBy, *, objects: bool) -> tuple[str, str]:
    first = bytes_text(row.allocated_bytes) if by == "allocations" else count_text(row.allocations)
    if objects:
        return first, count_text(row.created)
    gone = row.allocations - row.live_blocks
    return first, share_text(gone / row.allocations) if row.allocations else ""


class _Drawing:
    """One list of hotspots on its way to a console."""

    def __init__(
        self, console: Console, hotspots: Hotspots, origins: Origins, *, objects: bool
    ) -> None:
        self.console = console
        self.objects = objects
        self.hotspots = hotspots
        self.origins = origins
        self.glyphs = elements.glyphs_for(console)

    def row(self, row: Hotspot) -> None:
        by = self.hotspots.by
        second, third = _sides(row, by, objects=self.objects)
        line = Text.assemble(
            elements.bar(row.share, BAR_WIDTH, self.glyphs),
            measure_text(by, measure_of(row, by)).rjust(10),
            share_text(row.share).rjust(6),
            second.rjust(9),
            third.rjust(7),
            "  ",
            elements.mark(row.origin, self.glyphs),
            " ",
        )
        frame = CodeFrame(row.function, row.file, row.line)
        line.append_text(self.where(frame, row.origin, self.console.width - line.cell_len))
        self._print(line)
        indent = " " * (BAR_WIDTH + 2)
        if len(row.stack) > 1:
            for part in self.path(row.stack[:-1], self.console.width - len(indent)):
                self._print(Text(indent).append_text(part))
            return
        below = Text(indent)
        told = "  ".join(filter(None, [self.types(row), uncertain_text(uncertain_in(row).of(by))]))
        below.append(told, FAINT)
        if row.own is not None:
            below.append("  for " if told else "for ", FAINT)
            below.append_text(elements.mark(Origin.OWN, self.glyphs)).append(" ")
            room = self.console.width - below.cell_len
            below.append_text(self.where(row.own, Origin.OWN, room))
        if below.cell_len > len(indent):
            self._print(below)

    def below(self, told: str) -> None:
        """One more thing that is to be known of the row."""
        if told:
            self._print(Text(" " * (BAR_WIDTH + 2) + one_line(told), FAINT))

    def types(self, row: Hotspot) -> str:
        """What most of it is: `dict`, `shop.models.Order and 2 more types`; "" if not known."""
        if row.type is None or row.type.kind == "parked":
            return ""
        more = 0 if self.hotspots.by_type else row.types_count - 1
        others = f" and {plural(more, 'more type')}" if more > 0 else ""
        room = self.console.width // 2 - len(others)
        return elements.cut_front(one_line(type_name(row.type)), room, self.glyphs) + others

    def where(self, frame: CodeFrame, origin: Origin, room: int) -> Text:
        if self.hotspots.group == "function" and frame.function and frame.file:
            return elements.function_where(frame, origin, self.origins, room, self.glyphs)
        return elements.where(frame, origin, self.origins, room, self.glyphs)

    def path(self, frames: Sequence[CodeFrame], width: int) -> list[Text]:
        """The way to a leaf, root first: own frames by name, stretches of other code folded."""
        lines = [Text()]
        steps = fold(frames, self.origins, self.glyphs)
        for number, (own, told) in enumerate(steps):
            step = Text.assemble((f" {self.glyphs.arrow} " if number else "", FAINT))
            step.append(told, style=OWN if own else FAINT)
            if lines[-1].cell_len and lines[-1].cell_len + step.cell_len > width:
                lines.append(Text("  "))
            lines[-1].append_text(step)
        return lines

    def _print(self, line: Text) -> None:
        self.console.print(line, no_wrap=True, overflow="crop")


def fold(frames: Sequence[CodeFrame], origins: Origins, glyphs: Glyphs) -> list[tuple[bool, str]]:
    """Frames as steps: (user code?, text). Stretches of libraries and recursion become one step."""
    steps: list[tuple[bool, str]] = []
    index = 0
    while index < len(frames):
        frame = frames[index]
        start = index
        if origins.of(frame.file) is Origin.OWN:
            while index < len(frames) and frames[index][:2] == frame[:2]:
                index += 1
            times = f" x{index - start}" if index - start > 1 else ""
            name = elements.function_name(frame.function)
            line = f":{frame.line}" if not times else ""
            steps.append((True, f"{name}{line}{times}"))
        else:
            while index < len(frames) and origins.of(frames[index].file) is not Origin.OWN:
                index += 1
            steps.append((False, _folded(frames[start:index], origins, glyphs)))
    return steps


def _folded(frames: Sequence[CodeFrame], origins: Origins, glyphs: Glyphs) -> str:
    names = list(dict.fromkeys(package(origins, frame.file) for frame in frames))
    listed = ", ".join(names[:2]) + (f" {glyphs.ellipsis}" if len(names) > 2 else "")
    return f"{glyphs.fold} {plural(len(frames), 'frame')} of {listed}"


def package(origins: Origins, file: str) -> str:
    """The library a file belongs to, by the name it is imported as."""
    first = origins.short(file).lstrip("/").partition("/")[0]
    return one_line(first.removesuffix(".py").partition(".")[0])
