"""Puts the page together: template, style, script and data in one text.

The script consists of the modules under `assets/`, which import one another by name and run as one:
the import and export words are taken out, so no name may be used by two of them. Their types are
taken out too.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from memscope.plain import dataclass

# Each after those that it imports.
MODULES = (
    "units", "columns", "tree", "search", "model", "canvas", "timeline", "figures", "tables",
    "details", "keys", "look", "header", "legend", "controls", "sites", "panels", "brush", "state",
    "words", "drawing", "pointer", "stack", "retainers", "tabs", "kept", "changes", "keyboard",
    "opening",
)  # fmt: skip
# What begins: a page with its data, or one of a recording that goes on.
BEGINS = OF_A_CAPTURE, LIVE = "main", "live"

_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
# A JSDoc comment that has its lines to itself, up to its own end and no other's.
_JSDOC = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)


def join_page(title: str, data: str, table: str) -> str:
    """The page; `data` is one word of base64, `table` is HTML, `title` any text."""
    style, script = _asset("page.css"), joined_script()
    return _filled(title, _policy(style, script), style, script, data, table)


@dataclass(frozen=True, slots=True)
class LivePage:
    """A page without data, which asks for it where it comes from; and what it may do."""

    text: str
    policy: str


def live_page(title: str) -> LivePage:
    """The page of a recording that goes on; `title` is any text."""
    style, script = _asset("page.css") + _asset("live.css"), joined_script(LIVE)
    policy = _policy(style, script) + "; connect-src 'self'"
    table = '<p class="empty">The first answer is on its way.</p>'
    return LivePage(_filled(title, policy, style, script, "", table), policy)


def _filled(title: str, policy: str, style: str, script: str, data: str, table: str) -> str:
    return Template(_asset("page.html")).substitute(
        title=_text(title),
        policy=policy,
        style=style,
        script=script,
        data=data,
        table=table,
    )


def fallback_table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table for readers without the script; the page puts its own in place of it.

    Two spaces in the first cell part what it is called from where it is; the others are figures.
    """
    if not rows:
        return "<p>Nothing was allocated while memscope was recording.</p>"
    first, *figures = columns
    head = "".join(f'<th scope="col" class="number">{_text(name)}</th>' for name in figures)
    lines = (_site(row[0]) + "".join(map(_figure, row[1:])) for row in rows)
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return (
        f"<table><caption>{_text(caption)}</caption>\n"
        f'<thead><tr><th scope="col">{_text(first)}</th>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table>"
    )


def _site(cell: str) -> str:
    name, _, place = cell.partition("  ")
    below = f'<span class="site-place">{_text(place)}</span>' if place else ""
    return f'<td><span class="site"><span>{_text(name)}</span>{below}</span></td>'


def _figure(cell: str) -> str:
    return '<td class="number">' + _text(cell) + "</td>"


@cache
def joined_script(begins: str = OF_A_CAPTURE) -> str:
    """All modules as one script without names that others could see."""
    parts = [joined_module(_asset(f"{name}.mjs")) for name in (*MODULES, begins)]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def joined_module(text: str) -> str:
    """A module as a part of one script, without what is for the type checker alone.

    No string of a module may go on in a new line: one that did and began that line with `/**` would
    be taken for a comment.
    """
    return _EXPORT.sub("", _IMPORT.sub("", _JSDOC.sub("", text)))


def _policy(style: str, script: str) -> str:
    """Nothing may be fetched or sent, and nothing may run but our own script."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}';"
        " base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return (files("memscope.reports") / "assets" / name).read_text(encoding="utf-8")


def _text(text: str) -> str:
    """Any text as HTML, in one line; what no text file can hold is shown as that."""
    in_line = " ".join(text.splitlines())
    printable = "".join(character if character.isprintable() else "�" for character in in_line)
    return escape(printable)
