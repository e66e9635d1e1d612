"""What all terminal reports are made of: consoles, bars, sparklines, places and headings."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from posixpath import basename
from typing import IO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from memscope.analysis.origins import Origin, Origins
from memscope.analysis.stacks import IMPORT_MACHINERY
from memscope.capture.description import Meta
from memscope.capture.model import NO_PYTHON_FRAME, CodeFrame
from memscope.errors import one_line
from memscope.plain import dataclass
from memscope.reports.budget import how_sampled

# Names of the terminal's own palette that are legible on black and on white: no yellow, no white,
# no bright colours. Nothing is told by colour alone.
BAR = "cyan"
OWN = "bold green"
HEADING = "bold"
FAINT = "dim"
WARNING = "bold red"
PEAK = "bold magenta"
SECOND = "magenta"


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters drawings are made of."""

    full: str  # of a horizontal bar
    half: str
    heights: str  # of a column, from lowest to full
    own: str
    library: str
    dot: str
    fold: str
    ellipsis: str
    rule: str
    vertical: str
    branch: str
    last: str
    peak: str
    resident: str
    arrow: str
    about: str


UNICODE = Glyphs(
    full="━",
    half="╸",
    heights="▁▂▃▄▅▆▇█",
    own="●",
    library="○",
    dot="·",
    fold="⋯",
    ellipsis="…",
    rule="─",
    vertical="│",
    branch="├─",
    last="└─",
    peak="▼",
    resident="╌",
    arrow="→",
    about="≈",
)
ASCII = Glyphs(
    full="=",
    half="-",
    heights=".:-=+*%#",
    own="*",
    library="-",
    dot="-",
    fold="...",
    ellipsis="~",
    rule="-",
    vertical="|",
    branch="|-",
    last="`-",
    peak="v",
    resident="_",
    arrow=">",
    about="~",
)


def make_console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console that never guesses at content: no markup, no emoji, no automatic highlighting."""
    return Console(
        file=file, stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=False
    )


def glyphs_for(console: Console) -> Glyphs:
    encoding = getattr(console.file, "encoding", None) or console.encoding
    try:
        "█━╸●⋯╌≈".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def bar(share: float, width: int, glyphs: Glyphs) -> Text:
    """A bar as long as the share; a little something is never drawn as nothing."""
    share = min(max(share, 0.0), 1.0)
    halves = round(share * width * 2)
    if share > 0:
        halves = max(halves, 1)
    full, rest = divmod(halves, 2)
    return Text((glyphs.full * full + glyphs.half * rest).ljust(width), style=BAR)


def sparkline(values: Sequence[float], glyphs: Glyphs, highest: float | None = None) -> str:
    """One character per value; blank is nothing at all."""
    top = max(values, default=0) if highest is None else highest
    levels = len(glyphs.heights)
    drawn = ""
    for value in values:
        if value <= 0 or top <= 0:
            drawn += " "
        else:
            drawn += glyphs.heights[min(int(value / top * levels), levels - 1)]
    return drawn


def mark(origin: Origin, glyphs: Glyphs) -> Text:
    """User code is marked by a sign of its own, not by colour alone."""
    own = origin is Origin.OWN
    return Text(glyphs.own if own else glyphs.library, style=OWN if own else FAINT)


def place(origins: Origins, file: str, line: int, width: int, glyphs: Glyphs) -> str:
    """`app.py:31`, with the front of the path left out where it does not fit."""
    if not file:
        return ""
    name = one_line(origins.short(file)) + (f":{line}" if line else "")
    shown = cut_front(name, width, glyphs)
    if shown == name:
        return name
    # Half a name of a directory tells nothing: it begins with a whole one, if one begins early.
    begins = shown.find("/", 0, len(shown) // 2)
    return glyphs.ellipsis + shown[begins:] if begins > 0 else shown


def where(frame: CodeFrame, origin: Origin, origins: Origins, room: int, glyphs: Glyphs) -> Text:
    """`app.py:31  load`: where room is short, the place is what is kept."""
    room = max(room, 12)
    if not frame.file:
        return Text(function_name(frame.function, room, glyphs))
    if work := work_of_importer(frame):
        return Text(cut_end(work, room, glyphs))
    text = Text.assemble(
        (place(origins, frame.file, frame.line, room, glyphs), OWN if origin is Origin.OWN else "")
    )
    left = room - text.cell_len - 2
    if frame.function and left >= 4 and not is_whole_library(frame):
        text.append(f"  {function_name(frame.function, left, glyphs)}")
    return text


def function_where(
    frame: CodeFrame, origin: Origin, origins: Origins, room: int, glyphs: Glyphs
) -> Text:
    """`load  app.py:31`: the name is kept, and the place is shown as far as there is room."""
    if work := work_of_importer(frame):
        return Text(cut_end(work, max(room, 12), glyphs))
    if is_whole_library(frame):
        return Text(place(origins, frame.file, 0, max(room, 12), glyphs))
    name = function_name(frame.function, max(room, 12), glyphs)
    text = Text.assemble((name, OWN if origin is Origin.OWN else ""))
    left = room - text.cell_len - 2
    if left >= 12:
        text.append(f"  {place(origins, frame.file, frame.line, left, glyphs)}")
    return text


def is_whole_library(frame: CodeFrame) -> bool:
    """Whether it is a shared library of which no function is known: its name says all."""
    return not frame.line and frame.function == basename(frame.file)


def work_of_importer(frame: CodeFrame) -> str:
    """What a frame of the machinery that imports modules does, in words; "" for any other.

    `_call_with_frames_removed` calls the compiler, and the starts of extension modules as well.
    """
    if frame.file not in IMPORT_MACHINERY:
        return ""
    function = frame.function.rpartition(".")[2]
    work = {
        "source_to_code": "compiling modules",
        "_compile_source": "compiling modules",
        "_call_with_frames_removed": "compiling and loading modules",
    }.get(function, "loading modules")
    return one_line(f"{work}: {function}" + (f":{frame.line}" if frame.line else ""))


def placed(
    line: Text, frame: CodeFrame, origin: Origin, origins: Origins, width: int, glyphs: Glyphs
) -> list[Text]:
    """A line of numbers with the place at its end; where room is short, on a line of its own."""
    sign = Text.assemble(mark(origin, glyphs), " ")
    if width - line.cell_len >= 20:
        line = line.append_text(sign)
        room = width - line.cell_len
        return [line.append_text(where(frame, origin, origins, room, glyphs))]
    second = Text("  ").append_text(sign)
    room = width - second.cell_len
    return [line, second.append_text(where(frame, origin, origins, room, glyphs))]


def cut_front(text: str, width: int, glyphs: Glyphs) -> str:
    if cell_len(text) <= width:
        return text
    # Searched for, not tried one by one: a name may have 64 KiB.
    starts = range(len(text))
    start = bisect_left(starts, True, key=lambda at: _fits(text[at:], width, glyphs))
    return glyphs.ellipsis + text[start:]


def cut_end(text: str, width: int, glyphs: Glyphs) -> str:
    if cell_len(text) <= width:
        return text
    ends = range(1, len(text))
    end = bisect_left(ends, True, key=lambda at: not _fits(text[:at], width, glyphs))
    return text[:end] + glyphs.ellipsis


def _fits(text: str, width: int, glyphs: Glyphs) -> bool:
    """Whether there is room for a part of a text and the sign that it is one."""
    return cell_len(text) <= width - len(glyphs.ellipsis)


def function_name(function: str, width: int | None = None, glyphs: Glyphs = UNICODE) -> str:
    """A qualified name without `<locals>`; where it does not fit, without the outer names first."""
    if not function:
        return NO_PYTHON_FRAME.function
    name = one_line(function.replace("<locals>.", ""))
    if width is None or cell_len(name) <= width:
        return name
    starts = [at for at, character in enumerate(name, 1) if character == "."]
    place = bisect_left(starts, True, key=lambda start: cell_len(name[start:]) <= width)
    inner = name[starts[min(place, len(starts) - 1)] :] if starts else name
    return cut_end(inner, width, glyphs)


def command_text(meta: Meta) -> str:
    words = meta.command[1:] if meta.command[:1] == ("python",) else meta.command
    return one_line(" ".join(words)) or "(unknown program)"


def how_sure(meta: Meta, complete: bool) -> str:
    """`exact`, or what to keep in mind about the numbers. No partial capture is exact."""
    mode = how_sampled(meta) or "exact"
    if meta.parts:
        mode += f", {len(meta.parts):,} captures in one"
    if complete:
        return mode
    return "partial" if mode == "exact" else f"{mode.removeprefix('exact, ')}, partial"


def heading(console: Console, title: str, meta: Meta, *, complete: bool) -> None:
    """The first two lines of every report: what it shows of which program, and how sure it is."""
    glyphs = glyphs_for(console)
    sure = how_sure(meta, complete)
    width = console.width - cell_len(sure) - 3
    left = Text.assemble((cut_end(title, width, glyphs), HEADING))
    command = cut_end(command_text(meta), max(width - cell_len(title) - 2, 0), glyphs)
    if cell_len(title) + 4 < width:
        left.append(f"  {command}")
    row = Table.grid(expand=True)
    row.add_column(no_wrap=True)
    row.add_column(justify="right", no_wrap=True)
    row.add_row(left, Text(sure, style="" if complete and not meta.sampled else WARNING))
    console.print(row)
    rule(console)


def rule(console: Console) -> None:
    console.print(Text(glyphs_for(console).rule * console.width, style=FAINT))


def notes(console: Console, found: Iterable[str], most: int | None = None) -> None:
    """What is missing from the capture, a line each."""
    lines = [one_line(note) for note in found]
    shown = lines if most is None else lines[:most]
    more = len(lines) - len(shown)
    glyphs = glyphs_for(console)
    for number, note in enumerate(shown):
        last = f" (and {more} more: memscope info)" if more and number == len(shown) - 1 else ""
        text = f"partial: {note}"
        if most is not None:
            text = cut_end(text, console.width - len(last), glyphs)
        console.print(Text(text + last, style=WARNING))


def legend(glyphs: Glyphs) -> Text:
    return Text.assemble(
        (glyphs.own, OWN), " your code  ", (glyphs.library, FAINT), " libraries and Python"
    )
