"""Imports as a tree beside their figures."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from memscope.analysis.imports import Imported, Imports
from memscope.analysis.origins import Origin, Origins
from memscope.analysis.units import bytes_text, plural
from memscope.capture import Capture
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, OWN, Glyphs

VALUE_WIDTH = 10
WIDE = 72  # columns from which there is room for both measures
MAX_INDENT = 16  # deeper rows are drawn at this depth


def print_imports(console: Console, imports: Imports, capture: Capture, origins: Origins) -> None:
    glyphs = elements.glyphs_for(console)
    elements.heading(console, "memscope imports", capture.meta, complete=capture.complete)
    about = glyphs.about if capture.meta.sampled else ""
    line = (
        f"imports hold {about}{bytes_text(imports.live_bytes)} of "
        f"{bytes_text(imports.program_live_bytes)} at the end, and made "
        f"{bytes_text(imports.allocated_bytes)}"
    )
    console.print(Text(line), no_wrap=True, overflow="ellipsis")
    console.print(elements.legend(glyphs))
    console.print()
    if not imports.rows:
        console.print("nothing was imported while memscope was recording")
    else:
        _Drawing(console, imports, origins, glyphs).draw()
    left = imports.count - len(imports.rows)
    if left:
        told = f"{plural(left, 'lighter one')}; -n 0 shows {'it' if left == 1 else 'them'}"
        console.print(Text(told, style=FAINT))
    if capture.notes:
        console.print()
        elements.notes(console, capture.notes)


class _Drawing:
    def __init__(
        self, console: Console, imports: Imports, origins: Origins, glyphs: Glyphs
    ) -> None:
        self._console = console
        self._imports = imports
        self._origins = origins
        self._glyphs = glyphs
        self._both = console.width >= WIDE

    def draw(self) -> None:
        live = self._both or self._imports.by == "live_bytes"
        columns = ["holds", "itself"] * live + ["made", "itself"] * (self._both or not live)
        header = "".join(name.rjust(VALUE_WIDTH) for name in columns)
        self._print(Text(f"{header}  module", style=FAINT))
        for row, branches in self._rows():
            line = Text.assemble(self._figures(row), "  ", (branches, FAINT))
            line.append_text(self._name(row, max(self._console.width - line.cell_len, 8)))
            self._print(line)

    def _rows(self) -> Iterator[tuple[Imported, str]]:
        """Each row with the lines of the tree before it."""
        rows, glyphs = self._imports.rows, self._glyphs
        last = {row.parent: row.number for row in rows}  # the last one below each
        above: list[str] = []  # what rows below each level go by
        for row in rows:
            del above[row.depth :]
            is_last = last[row.parent] == row.number
            here = "" if row.parent is None else glyphs.last if is_last else glyphs.branch
            below = "" if row.parent is None else "  " if is_last else f"{glyphs.vertical} "
            yield row, ("".join(above[-MAX_INDENT:]) + here)[-MAX_INDENT:]
            above.append(below)

    def _figures(self, row: Imported) -> str:
        live = [row.live_bytes, row.own_live_bytes]
        made = [row.allocated_bytes, row.own_allocated_bytes]
        values = live + made if self._both else live if self._imports.by == "live_bytes" else made
        return "".join(bytes_text(value).rjust(VALUE_WIDTH) for value in values)

    def _name(self, row: Imported, room: int) -> Text:
        glyphs = self._glyphs
        if row.kind == "module":
            origin = self._origins.of(row.file)
            name = elements.cut_front(one_line(row.module), room - 2, glyphs)
            style = OWN if origin is Origin.OWN else ""
            return Text.assemble(elements.mark(origin, glyphs), " ", (name, style))
        place = row.imported_from
        told = {
            "extension": "<extension>",
            "loading": f"<loading {plural(row.modules_count, 'module')}>",
            "nothing": "<no code>",
        }[row.kind]
        text = Text.assemble("  ", (told, FAINT), "  ")
        left = max(room - text.cell_len, 8)
        where = elements.place(self._origins, place.file, place.line, left, glyphs)
        return text.append(where, FAINT)

    def _print(self, line: Text) -> None:
        self._console.print(line, no_wrap=True, overflow="crop")
