"""The types as a list: what blocks are, how many live, how many were made."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.origins import Origins
from memscope.analysis.types import TypeFigures, Types, TypesBy, type_name
from memscope.analysis.uncertain import uncertain_in
from memscope.analysis.units import bytes_text, count_text, share_text
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.reports.objects import not_known_lines, uncertain_text
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, WARNING

BAR_WIDTH = 8
LEAST_NAME = 24

BY_NAMES: dict[TypesBy, str] = {
    "live_bytes": "bytes live at the end",
    "live_blocks": "blocks live at the end",
    "peak_bytes": "bytes live at the peak",
    "allocated_bytes": "bytes allocated",
    "allocations": "allocations",
    "created": "objects created",
    "reused": "objects made in a block of a free list",
}
# What stands beside the measure, where that is not the measure itself.
SIDES: tuple[tuple[TypesBy, str], ...] = (
    ("live_bytes", "at end"),
    ("live_blocks", "blocks"),
    ("created", "created"),
    ("reused", "reused"),
)


def figure_text(by: TypesBy, row: TypeFigures) -> str:
    value = getattr(row, by)
    return bytes_text(value) if by.endswith("_bytes") else count_text(value)


def print_types(console: Console, types: Types, capture: Capture, origins: Origins) -> None:
    elements.heading(console, "memscope types", capture.meta, complete=capture.complete)
    if not capture.meta.objects:
        _unknown(console)
        return
    drawing = _Drawing(console, types, origins)
    drawing.header(capture.meta.sampled)
    for row in types.rows:
        drawing.row(row)
    if types.parked is not None:
        drawing.parked(types.parked)
    _what_is_not_known(console, capture)
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


def _unknown(console: Console) -> None:
    console.print("This capture tells nothing of types: it was recorded without objects.")
    console.print(Text("Record it again without --no-objects.", style=FAINT))


def _what_is_not_known(console: Console, capture: Capture) -> None:
    told = not_known_lines(capture)
    if told:
        console.print()
    for line in told:
        console.print(Text(line, style=WARNING))


class _Drawing:
    """One list of types on its way to a console."""

    def __init__(self, console: Console, types: Types, origins: Origins) -> None:
        self.console = console
        self.types = types
        self.origins = origins
        self.glyphs = elements.glyphs_for(console)
        fixed = BAR_WIDTH + 10 + 6 + 2
        room = console.width - fixed - LEAST_NAME
        sides = [side for side in SIDES if side[0] != types.by]
        self.sides = sides[: max(room // 9, 1)]  # where room is short, the last ones go

    def header(self, sampled: bool) -> None:
        types = self.types
        about = self.glyphs.about if sampled else ""
        is_bytes = types.by.endswith("_bytes")
        total = bytes_text(types.total) if is_bytes else count_text(types.total)
        what = "type and line" if types.by_line else "type"
        self._print(
            Text(
                f"{BY_NAMES[types.by]} by {what}: {len(types.rows):,} of {types.groups_count:,}, "
                f"of {about}{total} in all"
            )
        )
        if types.by_line:
            self._print(elements.legend(self.glyphs))
        self.console.print()
        if not types.rows:
            self.console.print("nothing to show")
            return
        first = "bytes" if is_bytes else "number"
        sides = "".join(f"{name:>9}" for _, name in self.sides)
        self._print(Text(f"{'':{BAR_WIDTH}}{first:>10}{'share':>6}{sides}  what", style=FAINT))

    def row(self, row: TypeFigures) -> None:
        line = self._figures(row, elements.bar(row.share, BAR_WIDTH, self.glyphs))
        room = self.console.width - line.cell_len
        line.append(elements.cut_front(one_line(type_name(row.type)), room, self.glyphs))
        self._print(line)
        if row.line is not None:
            place = Text(" " * (BAR_WIDTH + 2))
            place.append_text(elements.mark(row.origin, self.glyphs)).append(" ")
            told = uncertain_text(uncertain_in(row).of(self.types.by))
            told = f"  {told}" if told else ""
            room = self.console.width - place.cell_len - len(told)
            place.append_text(elements.where(row.line, row.origin, self.origins, room, self.glyphs))
            place.append(told, FAINT)
            self._print(place)

    def parked(self, row: TypeFigures) -> None:
        line = self._figures(row, Text(" " * BAR_WIDTH), share="")
        room = self.console.width - line.cell_len
        long, short = type_name(row.type), "kept for reuse"
        line.append(long if len(long) <= room else short)
        line.stylize(FAINT)
        self._print(line)

    def _figures(self, row: TypeFigures, bar: Text, share: str | None = None) -> Text:
        by = self.types.by
        return Text.assemble(
            bar,
            figure_text(by, row).rjust(10),
            (share_text(row.share) if share is None else share).rjust(6),
            *(figure_text(side, row).rjust(9) for side, _ in self.sides),
            "  ",
        )

    def _print(self, line: Text) -> None:
        self.console.print(line, no_wrap=True, overflow="crop")
