"""Renders a long parts list to a file with jinja2."""
import os
import tempfile
import zlib

from jinja2 import DictLoader, Environment

TEMPLATES = {
    "base.html": "<html><body><h1>{{ title }}</h1>{% block body %}{% endblock %}</body></html>\n",
    "parts.html": (
        "{% extends 'base.html' %}{% from 'cells.html' import cell %}{% block body %}<table>\n"
        "{% for part in parts %}<tr>{{ cell(part.number) }}{{ cell(part.name|title) }}"
        "{{ cell('%.2f'|format(part.price)) }}<td>{{ part.remark }}</td></tr>\n{% endfor %}"
        "</table>{% endblock %}"
    ),
    "cells.html": "{% macro cell(value) %}<td class='cell'>{{ value }}</td>{% endmacro %}",
}
REMARK = "Delivery from the central warehouse within three working days; minimum quantity applies. " * 4


def parts(count):
    for number in range(count):
        yield {
            "number": number,
            "name": "gear wheel %d" % (number % 311),
            "price": number % 977 / 7,
            "remark": REMARK,
        }


def publish(environment, path, count):
    template = environment.get_template("parts.html")
    page = template.render(title="Parts", parts=parts(count))
    with open(path, "wb") as out:
        out.write(page.encode("utf-8"))


def checksum(path):
    value = 0
    with open(path, "rb") as source:
        while piece := source.read(65536):
            value = zlib.crc32(piece, value)
    return value


def main():
    environment = Environment(loader=DictLoader(TEMPLATES), autoescape=True)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "parts.html")
        publish(environment, path, 30_000)
        print(os.path.getsize(path), "%08x" % checksum(path))


if __name__ == "__main__":
    main()
