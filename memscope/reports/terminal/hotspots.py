"""The hotspots as a list: which line, how much, what share, and who called."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from memscope.analysis.hotspots import Hotspot, Hotspots
from memscope.analysis.measures import SHORT_LIVED_BYTES, By
from memscope.analysis.origins import Origin, Origins
from memscope.capture import Capture
from memscope.capture.model import CodeFrame
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, OWN, Glyphs
from memscope.reports.units import bytes_text, count_text, plural, share_text

BAR_WIDTH = 8

BY_NAMES: dict[By, str] = {
    "allocated_bytes": "bytes allocated",
    "allocations": "allocations",
    "peak_bytes": "bytes live at the peak",
    "live_bytes": "bytes live at the end",
    "short_lived": "short-lived blocks",
}


def measure_text(by: By, value: float) -> str:
    return bytes_text(value) if by.endswith("_bytes") else count_text(value)


def measure_of(row: Hotspot, by: By) -> int:
    value: int = getattr(row, by)
    return value


def print_hotspots(
    console: Console, hotspots: Hotspots, capture: Capture, origins: Origins
) -> None:
    glyphs = elements.glyphs_for(console)
    by = hotspots.by
    elements.heading(console, "memscope hotspots", capture.meta, complete=capture.complete)
    about = glyphs.about if capture.meta.sampled else ""
    shown = len(hotspots.rows)
    total = f"{about}{measure_text(by, hotspots.total)}"
    console.print(
        f"{BY_NAMES[by]} by {hotspots.group}: {shown:,} of {hotspots.groups_count:,}, "
        f"of {total} in all"
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
        _columns(console, by)
    drawing = _Drawing(console, hotspots, origins)
    for row in hotspots.rows:
        drawing.row(row)
    if any(capture.notes):
        console.print()
        elements.notes(console, capture.notes)


def _columns(console: Console, by: By) -> None:
    first = "bytes" if by.endswith("_bytes") else "blocks"
    second, third = _side_names(by)
    line = f"{'':{BAR_WIDTH}}{first:>10}{'share':>6}{second:>9}{third:>7}  where"
    console.print(Text(line, style=FAINT), no_wrap=True, overflow="ellipsis")


def _side_names(by: By) -> tuple[str, str]:
    """What stands beside the measure: enough to tell few large blocks from many small ones."""
    return ("allocs", "freed") if by != "allocations" else ("bytes", "freed")


def _sides(row: Hotspot, by: By) -> tuple[str, str]:
    first = bytes_text(row.allocated_bytes) if by == "allocations" else count_text(row.allocations)
    gone = row.allocations - row.live_blocks
    return first, share_text(gone / row.allocations) if row.allocations else ""


class _Drawing:
    """One list of hotspots on its way to a console."""

    def __init__(self, console: Console, hotspots: Hotspots, origins: Origins) -> None:
        self.console = console
        self.hotspots = hotspots
        self.origins = origins
        self.glyphs = elements.glyphs_for(console)

    def row(self, row: Hotspot) -> None:
        by = self.hotspots.by
        second, third = _sides(row, by)
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
        elif row.own is not None:
            via = Text.assemble((f"{indent}for ", FAINT))
            via.append_text(elements.mark(Origin.OWN, self.glyphs))
            via.append(" ")
            room = self.console.width - via.cell_len
            self._print(via.append_text(self.where(row.own, Origin.OWN, room)))

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
    """Frames as steps: (own code?, text). Stretches of libraries and recursion become one step."""
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
