"""An answer about a fleet as a page of its own: no script, and nothing from elsewhere."""

from __future__ import annotations

from html import escape
from importlib.resources import files

from memscope.analysis.origins import Origin
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
from memscope.version import __version__

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# What the bar of each row is as long as.
_BARS = {"top": "total", "grew": "delta", "regressions": "delta", "limits": "highest"}


def fleet_page(answer: Answer, place: str) -> str:
    title = TITLES[answer.asked.question]
    style = "".join(
        files("memscope.reports").joinpath("assets", name).read_text(encoding="utf-8")
        for name in ("page.css", "fleet.css")
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in answer.notes)
    certain = certainty_text(answer)
    about = answer.about
    facts = (
        ("runs", f"{about['recorded']:,}"),
        ("services", f"{about['services']:,}"),
        ("found", f"{answer.found_count:,}"),
        ("engine", answer.engine),
    )
    told = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head><body class="fleet">
<header><h1><span class="brand">memscope</span>{escape(title)}</h1>
<span id="sure">{escape(about_text(answer))}</span>
<dl id="facts">{told}</dl>{f'<div id="notes">{notes}</div>' if notes else ""}</header>
<main><p class="asked">{escape(question_text(answer.asked))}</p>
{_table(answer)}
{f'<p class="asked">{escape(certain)}</p>' if certain else ""}</main>
<footer>{escape(place)} · memscope {__version__}</footer></body></html>
"""


def _table(answer: Answer) -> str:
    if not answer.rows:
        return f'<p class="empty">{NOTHING[answer.asked.question]}</p>'
    fields = FIELDS[answer.asked.question]
    heads = "".join(f'<th class="{field.form}">{escape(field.title)}</th>' for field in fields)
    bar = _BARS[answer.asked.question]
    most = max(row[bar] for row in answer.rows) or 1
    rows = "".join(
        f"<tr>{_bar(row[bar] / most)}{_cells(row, answer)}</tr>\n" for row in answer.rows
    )
    more = answer.found_count - len(answer.rows)
    rest = f'<p class="asked">and {more:,} more</p>' if more > 0 else ""
    return (
        f'<table class="answer"><thead><tr><th class="length"></th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{rest}"
    )


def _bar(share: float) -> str:
    width = max(round(100 * share, 1), 1)
    return f'<td class="length"><span style="width:{width}%"></span></td>'


def _cells(row: Row, answer: Answer) -> str:
    return "".join(_cell(field, row, answer) for field in FIELDS[answer.asked.question])


def _cell(field: Field, row: Row, answer: Answer) -> str:
    text = escape(cell_text(field, row, answer.asked))
    if field.form != "place":
        return f'<td class="{field.form}">{text}</td>'
    own = row["origin"] == Origin.OWN
    mark = f'<span class="{"own" if own else "library"}">{"●" if own else "○"}</span>'
    name = f'<span class="name">{escape(row["function"])}</span>'
    return f'<td class="place">{mark} <code>{text}</code> {name}</td>'
