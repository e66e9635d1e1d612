"""The figures of a run as one HTML page that needs no other file."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from memscope.analysis.units import bytes_text
from memscope.pytest_plugin.baseline import PYTHON
from memscope.pytest_plugin.table import PhaseRow

_PAGE = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Memory of tests</title>
<style>
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; }
p { opacity: .75; margin-top: .3rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .7rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid #8884; }
th:last-child, td:last-child { text-align: left; width: 99%; white-space: normal;
  overflow-wrap: anywhere; min-width: 16rem; }
</style>
</head>
<body>
<h1>Memory of tests</h1>
<p>$count phases of tests, Python $python, exact, heaviest by $sort first. Hold the pointer over a
figure to see all of its digits.</p>
<div class="wide"><table>
<thead><tr><th>peak</th><th>allocated</th><th>allocations</th><th>left</th><th>test</th></tr></thead>
<tbody>
$rows</tbody>
</table></div>
</body>
</html>
""")


def write_page(path: Path, rows: list[PhaseRow], sort: str) -> None:
    """Write the page. Raises OSError."""
    text = _PAGE.substitute(
        count=f"{len(rows):,}",
        python=PYTHON,
        sort=escape(sort),
        rows="".join(_row(row, path.parent) for row in rows),
    )
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _row(row: PhaseRow, folder: Path) -> str:
    figures, name = row.figures, escape(row.name)
    if row.capture is not None:
        name = f'<a href="{quote(os.path.relpath(row.capture, folder))}">{name}</a>'
    return (
        f"<tr>{_bytes(figures.peak_bytes)}{_bytes(figures.allocated_bytes)}"
        f"<td>{figures.allocations:,}</td>{_bytes(figures.live_bytes)}<td>{name}</td></tr>\n"
    )


def _bytes(value: int) -> str:
    return f'<td title="{value:,} B">{bytes_text(value)}</td>'
