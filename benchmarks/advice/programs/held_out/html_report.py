# forbid: grow-copy chunk pool
"""Render monthly sales reports as HTML pages with a small template engine."""
import hashlib
import html
import random
import re
import string

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)(?:\|(\w+))?\s*\}\}")

FILTERS = {
    "money": lambda cents: f"{cents / 100:,.2f}",
    "upper": lambda s: str(s).upper(),
    "esc": lambda s: html.escape(str(s)),
}

ROW = "<tr class='{{ cls }}'><td>{{ name|esc }}</td><td>{{ qty }}</td><td>{{ cents|money }}</td></tr>"
PAGE = "<h1>{{ title|upper }}</h1><table>{{ rows }}</table><p>{{ note|esc }}: {{ total|money }}</p>"


class Template:
    _cache = {}

    def __new__(cls, source):
        known = cls._cache.get(source)
        if known is None:
            known = cls._cache[source] = super().__new__(cls)
            known._compile(source)
        return known

    def _compile(self, source):
        self.parts = []
        at = 0
        for m in PLACEHOLDER.finditer(source):
            self.parts.append((source[at:m.start()], m[1], FILTERS.get(m[2], str)))
            at = m.end()
        self.tail = source[at:]

    def render(self, **ctx):
        out = []
        for text, name, convert in self.parts:
            out.append(text)
            out.append(convert(ctx[name]))
        out.append(self.tail)
        return "".join(out)


class Sale:
    __slots__ = ("name", "qty", "cents")

    def __init__(self, name, qty, cents):
        self.name, self.qty, self.cents = name, qty, cents


def sales(month, n):
    rng = random.Random(month)
    for _ in range(n):
        name = "".join(rng.choices(string.ascii_lowercase + "<&", k=9))
        yield Sale(name, rng.randint(1, 20), rng.randint(100, 90_000))


def slug(title):
    text = ""
    for ch in title.lower():
        text += ch if ch.isalnum() else "-"
    return text


def page(month, n=12000):
    rows = []
    total = 0
    row = Template(ROW)
    for i, s in enumerate(sales(month, n)):
        total += s.qty * s.cents
        rows.append(row.render(cls="odd" if i % 2 else "even", name=s.name, qty=s.qty, cents=s.cents))
    title = f"Sales of month {month}"
    body = Template(PAGE).render(title=title, rows="".join(rows), note="R & D share", total=total // 10)
    return slug(title), body


def main():
    for month in range(1, 13):
        name, body = page(month)
        print(name, len(body), hashlib.sha1(body.encode()).hexdigest()[:12])


if __name__ == "__main__":
    main()
