"""An answer about a fleet, as a table that fits a terminal."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from memscope.analysis.origins import Origin
from memscope.errors import one_line
from memscope.fleet.asking import Answer, Row
from memscope.reports.fleetdocuments import (
    FIELDS,
    NOTHING,
    TITLES,
    Field,
    about_text,
    cell_text,
    certainty_text,
    question_text,
)
from memscope.reports.terminal import elements
from memscope.reports.terminal.elements import FAINT, HEADING, WARNING, glyphs_for


def print_answer(console: Console, answer: Answer) -> None:
    asked = answer.asked
    row = Table.grid(expand=True)
    row.add_column(no_wrap=True)
    row.add_column(justify="right", no_wrap=True)
    row.add_row(Text(f"memscope fleet {asked.question}", style=HEADING), about_text(answer))
    console.print(row)
    elements.rule(console)
    console.print(f"{TITLES[asked.question]}: {question_text(asked)}")
    if not answer.rows:
        console.print(NOTHING[asked.question])
    else:
        if asked.question != "limits":
            console.print(elements.legend(glyphs_for(console)))
        console.print()
        _header(console, answer)
        for each in answer.rows:
            _row(console, answer, each)
        if answer.found_count > len(answer.rows):
            console.print(Text(f"and {answer.found_count - len(answer.rows):,} more", style=FAINT))
    certain = certainty_text(answer)
    if certain:
        console.print()
        console.print(Text(certain, style=FAINT))
    for note in answer.notes:
        console.print(Text(one_line(note), style=WARNING))


def _header(console: Console, answer: Answer) -> None:
    line = " ".join(_fitted(field, field.title) for field in FIELDS[answer.asked.question])
    console.print(Text(line.rstrip(), style=FAINT))


def _row(console: Console, answer: Answer, row: Row) -> None:
    glyphs = glyphs_for(console)
    line = Text()
    for field in FIELDS[answer.asked.question]:
        text = one_line(cell_text(field, row, answer.asked))
        if field.form == "place":
            line.append_text(elements.mark(Origin(row["origin"]), glyphs)).append(" ")
            line.append(_cut_front(text, console.width - line.cell_len, glyphs.ellipsis))
            left = console.width - line.cell_len - 2
            name = one_line(row["function"])
            if cell_len(name) <= left:
                line.append(f"  {name}", style=FAINT)
        elif field.width:
            line.append(_fitted(field, elements.cut_end(text, field.width, glyphs)) + " ")
        else:
            line.append(elements.cut_end(text, console.width - line.cell_len, glyphs))
    console.print(line, no_wrap=True, crop=True)


def _fitted(field: Field, text: str) -> str:
    return text.ljust(field.width) if field.form == "text" else text.rjust(field.width)


def _cut_front(text: str, width: int, ellipsis: str) -> str:
    return text if cell_len(text) <= width else ellipsis + text[len(text) - width + 1 :]
