"""What a running program holds and how fast it grows, as one screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from memscope.analysis.origins import Origins
from memscope.analysis.pace import Pace, PaceBy, PaceGroup
from memscope.analysis.types import type_name
from memscope.analysis.units import bytes_text, count_text, share_text, signed, time_text
from memscope.errors import one_line
from memscope.plain import dataclass
from memscope.reports.objects import uncertain_text
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, WARNING

BAR_WIDTH = 6
LEAST_WHERE = 16
GROUP_NAMES: dict[PaceGroup, str] = {"own": "by your line", "line": "by line", "type": "by type"}
COLUMNS: dict[PaceBy, tuple[str, int]] = {
    "live": ("live", 9),
    "growth": ("growth/s", 11),
    "allocations": ("allocs/s", 10),
    "allocated": ("asked/s", 10),
}
KEYS = (
    ("q", "ends"),
    ("space", "holds"),
    ("s", "sorts"),
    ("g", "groups"),
    ("/", "filters"),
    ("arrows", "scroll"),
)


@dataclass(frozen=True, slots=True)
class TopLimit:
    """The tightest limit of a process's memory, and who set it."""

    limit_bytes: int
    source: str


@dataclass(frozen=True, slots=True)
class Screen:
    """All that is shown. `paces` are sorted; `first` of them is at the top. Times in seconds."""

    pid: int
    command: tuple[str, ...]
    time_s: float
    over_s: float | None  # what rates are of; None: of nothing yet
    whole: Pace
    peak_bytes: float
    uncertain_bytes: float
    resident_bytes: int | None
    limit: TopLimit | None
    history: Sequence[float]  # live bytes
    paces: Sequence[Pace]
    first: int
    by: PaceBy
    group: PaceGroup
    filter: str
    every_s: float | None  # None: this is all
    sampled: bool
    complete: bool
    held: bool  # nothing is asked for meanwhile
    said: str  # a line that matters more than the keys
    keys: bool  # whether any are heard


def screen_lines(console: Console, origins: Origins, screen: Screen, height: int) -> list[Text]:
    """The lines of a screen, `height` of them at most, none wider than the console."""
    drawing = _Drawing(console, origins, screen)
    head = drawing.head()
    foot = drawing.foot()
    room = max(height - len(head) - len(foot), 1)
    rows = [drawing.row(pace) for pace in screen.paces[screen.first : screen.first + room]]
    lines = [*head, *(rows or [drawing.nothing()]), *foot]
    for line in lines:
        line.truncate(console.width, overflow="crop")
    return lines


class _Drawing:
    """One screen on its way to a console."""

    def __init__(self, console: Console, origins: Origins, screen: Screen) -> None:
        self.width = console.width
        self.glyphs = elements.glyphs_for(console)
        self.origins = origins
        self.screen = screen

    def head(self) -> list[Text]:
        return [
            self._title(),
            self._memory(),
            Text(self.glyphs.rule * self.width, style=FAINT),
            self._columns(),
        ]

    def _title(self) -> Text:
        screen = self.screen
        sure = "sampled, estimates" if screen.sampled else "exact"
        if not screen.complete:
            sure = f"{sure}, partial" if screen.sampled else "partial"
        right = f"{sure}  {time_text(screen.time_s)}"
        words = screen.command[1:] if screen.command[:1] == ("python",) else screen.command
        left = f"memscope top  pid {screen.pid}  "
        room = self.width - cell_len(left) - cell_len(right) - 2
        command = elements.cut_end(one_line(" ".join(words)), max(room, 1), self.glyphs)
        gap = max(self.width - cell_len(left) - cell_len(command) - cell_len(right), 1)
        warning = screen.sampled or not screen.complete
        return Text.assemble(
            ("memscope top", HEADING),
            left.removeprefix("memscope top"),
            command,
            " " * gap,
            (right, WARNING if warning else ""),
        )

    def _memory(self) -> Text:
        """Live memory and how it grows, the peak, resident memory; what has no room is left out."""
        screen, whole = self.screen, self.screen.whole
        line = Text.assemble("live ", (bytes_text(whole.now.live_bytes), HEADING))
        parts = [
            f" {elements.sparkline(screen.history, self.glyphs)}",
            f"  {self._rate('growth', whole)}" if whole.growth_bytes_s is not None else "",
            f"  peak {bytes_text(screen.peak_bytes)}",
            self._resident(),
            self._asked(),
        ]
        for part in parts:
            if line.cell_len + cell_len(part) <= self.width:
                line.append(part)
        return line

    def _asked(self) -> str:
        rate = self.screen.whole.allocations_s
        return "" if rate is None else f"  {count_text(rate)} allocs/s"

    def _resident(self) -> str:
        screen = self.screen
        if screen.resident_bytes is None:
            return ""
        told = f"  resident {bytes_text(screen.resident_bytes)}"
        if screen.limit is None:
            return told
        share = screen.resident_bytes / screen.limit.limit_bytes
        return f"{told}, {share_text(share)} of {bytes_text(screen.limit.limit_bytes)}"

    def _columns(self) -> Text:
        line = Text(" " * BAR_WIDTH, style=FAINT)
        for by, (name, width) in self._shown().items():
            sign = self.glyphs.peak if by == self.screen.by else ""
            line.append(f"{name}{sign}".rjust(width), style=HEADING if sign else "")
        what = "type" if self.screen.group == "type" else "where"
        return line.append(f"  {what}")

    def _shown(self) -> dict[PaceBy, tuple[str, int]]:
        """The columns that there is room for: what is sorted by is always among them."""
        wanted: list[PaceBy] = ["live", "growth", "allocations", "allocated"]
        wanted.sort(key=lambda by: by != self.screen.by)
        left = self.width - BAR_WIDTH - LEAST_WHERE - 4
        kept: list[PaceBy] = []
        for by in wanted:
            left -= COLUMNS[by][1]
            if left >= 0 or not kept:
                kept.append(by)
        return {by: COLUMNS[by] for by in COLUMNS if by in kept}

    def row(self, pace: Pace) -> Text:
        line = elements.bar(pace.share, BAR_WIDTH, self.glyphs)
        for by, (_, width) in self._shown().items():
            text = bytes_text(pace.now.live_bytes) if by == "live" else self._rate(by, pace)
            line.append(text.rjust(width))
        line.append("  ")
        room = self.width - line.cell_len - 2
        if pace.now.frame is None:
            assert pace.now.type is not None
            name = one_line(type_name(pace.now.type))
            return line.append(elements.cut_front(name, room + 2, self.glyphs))
        line.append_text(elements.mark(pace.now.origin, self.glyphs)).append(" ")
        return line.append_text(
            elements.where(pace.now.frame, pace.now.origin, self.origins, room, self.glyphs)
        )

    def _rate(self, by: PaceBy, pace: Pace) -> str:
        if by == "growth":
            value = pace.growth_bytes_s
            if value is None:
                return self.glyphs.ellipsis
            return signed(value, f"{bytes_text(abs(value))}/s") if round(value) else "0"
        value = pace.allocations_s if by == "allocations" else pace.allocated_bytes_s
        if value is None:
            return self.glyphs.ellipsis
        return count_text(value) if by == "allocations" else bytes_text(value)

    def nothing(self) -> Text:
        matches = "that matches" if self.screen.filter else "yet"
        return Text(f"nothing {matches}", style=FAINT)

    def foot(self) -> list[Text]:
        screen = self.screen
        parts = [f"{GROUP_NAMES[screen.group]}: {len(screen.paces):,}"]
        if screen.first:
            parts.append(f"from {screen.first + 1:,}")
        if screen.over_s is not None:
            parts.append(f"rates of {time_text(screen.over_s)}")
        if screen.every_s is not None:
            parts.append("held" if screen.held else f"anew each {time_text(screen.every_s)}")
        if uncertain := uncertain_text(screen.uncertain_bytes):
            parts.append(uncertain)
        if screen.filter:
            parts.append(f"only {one_line(screen.filter)}")
        told = elements.cut_end(f" {self.glyphs.dot} ".join(parts), self.width, self.glyphs)
        lines = [Text(told, style=FAINT)]
        if screen.said:
            said = elements.cut_end(one_line(screen.said), self.width, self.glyphs)
            lines.append(Text(said, style=WARNING))
        elif screen.keys:
            lines.append(self._keys())
        return lines

    def _keys(self) -> Text:
        line = Text()
        for key, does in KEYS:
            line.append(key, style=HEADING).append(f" {does}  ", style=FAINT)
        return line
