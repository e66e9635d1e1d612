"""The outcome of `memscope ab`: what two programs took, and whether advice was right."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from memscope.analysis.ab import Ab, Printed
from memscope.analysis.predictions import Held, Outcome, Saving
from memscope.analysis.units import bytes_text, signed
from memscope.errors import one_line
from memscope.reports.terminal import elements
from memscope.reports.terminal.compare import FIGURE_NAMES, UNKNOWN, figure_text, figures, line
from memscope.reports.terminal.elements import FAINT, HEADING, WARNING

VERDICTS = {
    "better": "the change pays",
    "worse": "the change costs",
    "mixed": "the change pays in one thing and costs in another",
    "unchanged": "no difference was shown",
}
OUTCOMES: dict[Outcome, str] = {
    "as predicted": "as predicted",
    "less": "less than predicted",
    "more": "more than predicted",
    "not shown": "no change was shown",
    "not measured": "not measured by ab",
}
PREDICTED_NAMES = {**FIGURE_NAMES, "rss_bytes": "resident"}


def print_ab(console: Console, found: Ab) -> None:
    glyphs = elements.glyphs_for(console)
    told = Text.assemble(("memscope ab", HEADING), f"  {VERDICTS[found.verdict]}")
    line(console, told)
    elements.rule(console)
    same_python = found.before[0] == found.after[0]
    for name, command in (("before", found.before), ("after", found.after)):
        text = one_line(" ".join(command[1:] if same_python else command))
        room = max(console.width - 8, 8)
        line(console, Text.assemble((f"{name:8}", FAINT), elements.cut_end(text, room, glyphs)))
    runs = f"{found.runs_count} runs of each in turn, after one to warm up; without memscope"
    line(console, Text(runs, style=FAINT))
    _printed(console, found.printed)
    console.print()
    figures(console, found.figures.items(), ("before", "after"))
    unknown = any(not item.significant for item in found.figures.values())
    if unknown:
        line(console, Text(f"{UNKNOWN}: not shown to differ (p >= 0.05)", style=FAINT))
    if found.advice is not None:
        _advice(console, found)


def _printed(console: Console, printed: Printed) -> None:
    """Whether the programs may be two ways to do the same thing."""
    line_number = printed.different_line
    if line_number is not None:
        told = f"they print different things: line {line_number:,} is the first to differ"
        line(console, Text(told, style=WARNING))
    elif printed.after_bytes:
        told = f"both print the same: {bytes_text(printed.after_bytes)}"
        line(console, Text(told, style=FAINT))
    else:
        line(console, Text("both print nothing", style=FAINT))


def _advice(console: Console, found: Ab) -> None:
    assert found.advice is not None
    console.print()
    advice = found.advice
    title = f"Advice: {advice.kind} at {advice.place}"
    line(console, Text(one_line(title), style=HEADING))
    if advice.summary:
        console.print(Text(one_line(advice.summary)))
    if not found.held:
        console.print("It predicted nothing.")
        return
    rows = [(PREDICTED_NAMES[held.figure], *_savings(held), held) for held in found.held]
    width = max(cell_len(text) for row in rows for text in row[1:3]) + 3
    header = f"{'saves':12}{'predicted':>{width}}{'measured':>{width}}"
    line(console, Text(header, style=FAINT))
    for name, predicted, saved, held in rows:
        good = held.outcome in ("as predicted", "more")
        style = FAINT if held.outcome == "not measured" else HEADING if good else WARNING
        told = Text.assemble(
            (name.ljust(12), FAINT), predicted.rjust(width), saved.rjust(width), "  "
        )
        told.append(OUTCOMES[held.outcome], style=style)
        line(console, told)


def _savings(held: Held) -> tuple[str, str]:
    measured = "" if held.saved is None else _saving_text(held.figure, held.saved)
    return _saving_text(held.figure, held.predicted), measured


def _saving_text(name: str, saving: Saving) -> str:
    """`0.9 s to 1.4 s`; what is spent and not saved has a minus."""
    low, high = _amount(name, saving.low), _amount(name, saving.high)
    return low if low == high else f"{low} to {high}"


def _amount(name: str, number: float) -> str:
    text = figure_text(name, abs(number))
    return signed(number, text) if number < 0 else text
