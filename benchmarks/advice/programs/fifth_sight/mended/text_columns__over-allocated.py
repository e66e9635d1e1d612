"""Aligns fixed-width mainframe listings and looks up cells by row and column."""
import random
from functools import cached_property
from itertools import groupby


class Listing:
    """One printed page; cells are addressed by character position."""

    def __init__(self, name, text):
        self.name = name
        self.rows = text.split("\n")

    @cached_property
    def gutters(self):
        """Columns that are blank on all of the first rows."""
        sample = self.rows[:12]
        width = min(len(r) for r in sample)
        return [c for c in range(width) if all(r[c] == " " for r in sample)]

    @cached_property
    def spans(self):
        spans, start = [], 0
        for _, run in groupby(enumerate(self.gutters), lambda p: p[1] - p[0]):
            run = [column for _, column in run]
            if run[0] > start:
                spans.append((start, run[0]))
            start = run[-1] + 1
        return spans

    def cell(self, row, column):
        lo, hi = self.spans[column]
        return self.rows[row][lo:hi].strip()


def print_page(number, rng, lines):
    out = []
    for i in range(lines):
        out.append(f"{number:04d}-{i:04d}   {rng.choice(('OPEN', 'HELD', 'PAID')):8s}  "
                   f"{rng.randrange(10**7):10d}   {rng.choice('KLMN') * 6:12s}  {i * number % 977:6d}   "
                   f"{'remark ' + str(rng.randrange(90)):20s}")
    return "\n".join(out)


def load_pages(pages, lines):
    rng = random.Random(23)
    return [Listing(f"page{n}", print_page(n, rng, lines)) for n in range(pages)]


def main():
    listings = load_pages(pages=600, lines=70)
    paid = total = 0
    for listing in listings:
        for row in range(len(listing.rows)):
            if listing.cell(row, 1) == "PAID":
                paid += 1
                total += int(listing.cell(row, 2))
    print("spans", listings[5].spans)
    print("paid", paid, "total", total)


if __name__ == "__main__":
    main()
