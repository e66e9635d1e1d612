"""Parses a generated page with html5lib into a BeautifulSoup tree and searches it."""

from __future__ import annotations

import stopwatch
from bs4 import BeautifulSoup


def page(rows: int) -> str:
    body = "".join(
        f"<tr class='r{row % 2}'><td><a href='/item/{row}'>item &amp; {row}</a><td>{row * 1.5:.2f}"
        f"<td><ul><li>one<li><b>two</b><li>{'x' * (row % 9)}</ul></tr>"
        for row in range(rows)
    )
    return f"<!doctype html><title>List</title><body><h1>List</h1><table>{body}</table></body>"


def work(scale: int) -> int:
    source = page(90)
    found = 0
    for _ in range(11 * scale):
        soup = BeautifulSoup(source, "html5lib")
        found += len(soup.find_all("a")) + len(soup.select("tr.r1 li")) + len(soup.get_text())
    return found


if __name__ == "__main__":
    stopwatch.main(work)
