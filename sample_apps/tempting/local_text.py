"""`text += part` on a local name: it grows in place. tempting: grow-copy"""

from __future__ import annotations


def page(rows: int) -> str:
    text = "<table>"
    for number in range(rows):
        text += f"<tr><td>{number}</td><td>{number * number}</td></tr>"
    return text + "</table>"


print(len(page(60_000)))
