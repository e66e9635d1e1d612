"""One piece of advice as the chain of facts that it rests on."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from memscope.advice.facts import Fact, Source
from memscope.analysis.units import bytes_text, cost_text, count_text, share_text
from memscope.errors import one_line
from memscope.reports.terminal.elements import FAINT, HEADING, glyphs_for

WIDEST = 100
SOURCES: dict[Source, str] = {
    "measured": "counted or timed, in the recorded run or on this machine",
    "read": "from the program's source",
    "modelled": "worked out of what was measured, by a formula",
    "assumed": "taken from elsewhere, or not known to be so",
}


def print_facts(console: Console, facts: tuple[Fact, ...]) -> None:
    """The facts as a table, those that decide marked, and what the sources mean."""
    dot = glyphs_for(console).dot
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    for fact in facts:
        is_text = isinstance(fact.value, str)
        told = one_line(f"{fact.told}: {fact.value}" if is_text else fact.told)
        table.add_row(
            Text(dot if fact.decides else "", HEADING),
            Text("" if is_text else amount(fact.value, fact.unit), HEADING),
            Text(told),
            Text(_held_to(fact), FAINT),
            Text(fact.source, FAINT),
        )
    console.print()
    console.print(table, width=min(console.width, WIDEST))
    console.print()
    console.print(Text(f"{dot} The verdict rests on these: with other values it might differ."))
    used = {fact.source for fact in facts}
    for source, meaning in SOURCES.items():
        if source in used:
            console.print(Text(f"  {source}: {meaning}", FAINT))


def amount(value: float | str, unit: str) -> str:
    """A value in its unit: `37 MiB`, `82%`, `1,200 blocks`, `line 12`."""
    if isinstance(value, str):
        return value
    if unit in _WRITTEN:
        return _WRITTEN[unit](value)
    if unit == "line":
        return f"line {value:.0f}"
    if not unit or unit == "ratio":
        return f"{value:.2f}"
    if value < 9.95 and value != round(value):
        return f"{value:.1f} {unit}"
    one = unit.removesuffix("es" if unit.endswith("sses") else "s")
    return f"{count_text(value)} {one if value == 1 else unit}"


_WRITTEN = {"bytes": bytes_text, "s": cost_text, "share": share_text}


def _held_to(fact: Fact) -> str:
    least, most = fact.least, fact.most
    if least is not None and most is not None:
        return f"{_limit(least, fact.unit)} to {_limit(most, fact.unit)}"
    if least is not None:
        return f"at least {_limit(least, fact.unit)}"
    return "" if most is None else f"at most {_limit(most, fact.unit)}"


def _limit(value: float, unit: str) -> str:
    return amount(value, unit).partition(" ")[0] if unit not in _WRITTEN else amount(value, unit)
