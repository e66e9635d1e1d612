"""Renders a table as HTML, adding to an attribute: each addition copies all that is there."""

from __future__ import annotations

import hashlib


class Page:
    def __init__(self) -> None:
        self.html = ""

    def add(self, part: str) -> None:
        self.html += part


def render(rows: int) -> str:
    page = Page()
    for number in range(rows):
        page.add(f"<tr><td>{number}</td><td>{number * number}</td></tr>\n")
    return page.html


def main() -> None:
    html = render(6_000)
    print(len(html), "characters", hashlib.sha256(html.encode()).hexdigest()[:12])


if __name__ == "__main__":
    main()
