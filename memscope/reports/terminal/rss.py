"""Resident memory as a list of parts, by origin, and of the lines whose blocks are in it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memscope.analysis.origins import Origins
from memscope.analysis.rss import LinePart, ResidentPart, ResidentParts
from memscope.analysis.units import bytes_text, plural, share_text
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.reports.rss import (
    ORIGIN_NAMES,
    explained_text,
    hint_text,
    moment_text,
    most_text,
    part_text,
)
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, WARNING

BAR_WIDTH = 10


def print_rss(
    console: Console, resident: ResidentParts, capture: Capture, origins: Origins, limit: int
) -> None:
    elements.heading(console, "memscope rss", capture.meta, complete=capture.complete)
    drawing = _Drawing(console, resident, origins, limit)
    drawing.facts(capture.meta.sampled)
    drawing.parts()
    drawing.lines()
    drawing.remarks()
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


class _Drawing:
    """The parts on their way to a console."""

    def __init__(
        self, console: Console, resident: ResidentParts, origins: Origins, limit: int
    ) -> None:
        self.console = console
        self.resident = resident
        self.origins = origins
        self.limit = limit
        self.glyphs = elements.glyphs_for(console)

    def facts(self, sampled: bool) -> None:
        size = bytes_text(self.resident.resident_bytes)
        self._print(Text.assemble((size, HEADING), f" resident {moment_text(self.resident)}"))
        told = explained_text(self.resident)
        self._print(Text(told + ("; sampled, so estimated" if sampled else "")))

    def parts(self) -> None:
        self.console.print()
        self._print(
            Text(f"{'':{BAR_WIDTH}}{'resident':>10}{'share':>6}{'reserved':>10}  what", style=FAINT)
        )
        sums = {origin: self.resident.of(origin) for origin in ORIGIN_NAMES}
        for origin in sorted(ORIGIN_NAMES, key=lambda origin: -sums[origin]):
            parts = [part for part in self.resident.parts if part.origin == origin]
            if not parts:
                continue
            reserved = self.resident.reserved(origin)
            line = self._figures(sums[origin], reserved, with_bar=True)
            line.append(ORIGIN_NAMES[origin], style=HEADING)
            self._print(line)
            self._names(parts)

    def _names(self, parts: list[ResidentPart]) -> None:
        if len(parts) == 1 and not parts[0].name:
            return
        shown = parts[: self.limit or None]
        # One more name takes no more room than to say that there is one.
        if len(parts) == len(shown) + 1:
            shown = parts
        for part in shown:
            line = self._figures(part.size_bytes, part.reserved_bytes).append("  ")
            room = self.console.width - line.cell_len
            line.append(elements.cut_front(one_line(part_text(part)), room, self.glyphs))
            self._print(line)
        others = parts[len(shown) :]
        if others:
            line = self._figures(
                sum(part.size_bytes for part in others),
                sum(part.reserved_bytes for part in others),
            )
            self._print(line.append(f"  {plural(len(others), 'other')}", style=FAINT))

    def lines(self) -> None:
        if not self.resident.lines:
            return
        self.console.print()
        shown = self.resident.lines[: self.limit or None]
        many = plural(len(self.resident.lines), "line")
        self._print(
            Text.assemble(
                ("Blocks by line", HEADING), (f", {len(shown):,} of {many}  ", FAINT),
                elements.legend(self.glyphs),
            )
        )  # fmt: skip
        for line in shown:
            self._line(line)

    def _line(self, part: LinePart) -> None:
        line = self._figures(part.size_bytes, part.reserved_bytes, with_bar=True)
        for piece in elements.placed(
            line, part.frame, part.origin, self.origins, self.console.width, self.glyphs
        ):
            self._print(piece)

    def remarks(self) -> None:
        told = [most_text(self.resident), hint_text(self.resident)]
        if not self.resident.whole:
            told.append(
                "An earlier version recorded this: blocks count as resident though not all of"
                " their pages may have been."
            )
        if any(told):
            self.console.print()
        for text in filter(None, told):
            self.console.print(Text(text, style=WARNING))

    def _figures(self, size_bytes: int, reserved_bytes: int, with_bar: bool = False) -> Text:
        share = size_bytes / max(self.resident.resident_bytes, 1)
        reserved = bytes_text(reserved_bytes) if reserved_bytes != size_bytes else ""
        drawn = elements.bar(share, BAR_WIDTH, self.glyphs) if with_bar else Text(" " * BAR_WIDTH)
        shown = share_text(share) if size_bytes else ""
        text = f"{bytes_text(size_bytes):>10}{shown:>6}{reserved:>10}  "
        return Text.assemble(drawn, text)

    def _print(self, line: Text) -> None:
        self.console.print(line, no_wrap=True, overflow="crop")
