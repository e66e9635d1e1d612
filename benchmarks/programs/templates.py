"""Compiles and renders jinja2 templates with inheritance, macros and filters."""

from __future__ import annotations

import stopwatch
from jinja2 import DictLoader, Environment

SOURCES = {
    "base.html": "<title>{% block title %}{% endblock %}</title>{% block body %}{% endblock %}",
    "table.html": """{% extends "base.html" %}
{% macro cell(value, width=10) %}<td width="{{ width }}">{{ value|string|upper }}</td>{% endmacro %}
{% block title %}{{ title|title }}{% endblock %}
{% block body %}<table>{% for row in rows if row.shown %}
<tr class="{{ loop.cycle('odd', 'even') }}" id="r{{ loop.index }}">
{{ cell(row.name) }}{{ cell(row.price|round(2)) }}<td>{{ row.tags|join(', ') }}</td>
{% if loop.first %}<td>first</td>{% else %}<td>{{ row.name|truncate(12) }}</td>{% endif %}
</tr>{% endfor %}</table>{% endblock %}""",
}


def work(scale: int) -> int:
    rows = [
        {
            "name": f"element {n}",
            "price": n * 1.234,
            "tags": ["a", f"t{n % 7}"],
            "shown": n % 10 > 0,
        }
        for n in range(400)
    ]
    length = 0
    for _ in range(14 * scale):
        environment = Environment(loader=DictLoader(SOURCES), autoescape=True)
        template = environment.get_template("table.html")
        for _ in range(6):
            length += len(template.render(rows=rows, title="price list"))
    return length


if __name__ == "__main__":
    stopwatch.main(work)
