"""Prints a digest of a month's invoices."""
import hashlib
import random

from jinja2 import DictLoader, Environment

SHEETS = {
    "base": (
        "<html><head><title>{% block title %}{% endblock %}</title></head>"
        "<body>{% block body %}{% endblock %}<hr>{{ footer|default('thank you') }}</body></html>"
    ),
    "macros": (
        "{% macro cell(v, kind='td') %}<{{ kind }}>{{ v }}</{{ kind }}>{% endmacro %}"
        "{% macro row(vals) %}<tr>{% for v in vals %}{{ cell(v) }}{% endfor %}</tr>{% endmacro %}"
    ),
    "invoice": (
        "{% extends 'base' %}{% from 'macros' import row, cell %}"
        "{% block title %}Invoice {{ order.number }}{% endblock %}"
        "{% block body %}<h1>{{ order.customer }}</h1><table>"
        "{% for l in order.lines %}{{ row([loop.index, l.sku, l.qty, l.price|money]) }}"
        "{% if l.qty > 5 %}<tr>{{ cell('bulk') }}</tr>{% elif l.qty == 1 %}<tr>{{ cell('single') }}</tr>{% endif %}"
        "{% endfor %}</table>"
        "<p>Total {{ order.lines|sum(attribute='total')|money }}</p>{% endblock %}"
    ),
}


def money(cents):
    return "%d.%02d EUR" % divmod(cents, 100)


def orders(n):
    rng = random.Random(11)
    for number in range(n):
        lines = []
        for _ in range(rng.randint(3, 12)):
            qty, price = rng.randint(1, 9), rng.randint(100, 90000)
            lines.append({"sku": "A%05d" % rng.randint(0, 99999), "qty": qty, "price": price, "total": qty * price})
        yield {"number": number, "customer": "Customer %d" % (number % 40), "lines": lines}


ENV = Environment(loader=DictLoader(SHEETS), autoescape=True, trim_blocks=True)
ENV.filters["money"] = money


def present(order):
    return ENV.get_template("invoice").render(order=order)


def main():
    h = hashlib.sha256()
    size = 0
    for order in orders(180):
        page = present(order)
        size += len(page)
        h.update(page.encode())
    print("pages", 180, "bytes", size, h.hexdigest()[:16])


if __name__ == "__main__":
    main()
