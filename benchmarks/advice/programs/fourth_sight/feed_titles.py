"""Scans a catalogue feed and tells which publishers price their titles highest."""
import os
import random
import tempfile
from collections import defaultdict

from lxml import etree


def write_feed(path, n):
    rng = random.Random(n)
    with open(path, "w") as out:
        out.write("<feed>\n")
        for i in range(n):
            out.write(
                f'<item id="{i}"><title>Title number {i}</title>'
                f"<publisher>House {rng.randrange(25)}</publisher>"
                f"<price>{rng.randrange(400, 6000) / 100}</price>"
                f"<note>{'about the book ' * 4}</note></item>\n")
        out.write("</feed>\n")


def prices(path):
    tree = etree.parse(path)
    for item in tree.getroot().iterchildren("item"):
        yield item.findtext("publisher"), float(item.findtext("price"))


def by_publisher(pairs):
    sums = defaultdict(lambda: [0, 0.0])
    for name, price in pairs:
        cell = sums[name]
        cell[0] += 1
        cell[1] += price
    return sorted(((total / n, name, n) for name, (n, total) in sums.items()), reverse=True)


def main():
    fd, path = tempfile.mkstemp(suffix=".xml")
    os.close(fd)
    try:
        write_feed(path, 90_000)
        table = by_publisher(prices(path))
    finally:
        os.remove(path)
    for mean, name, n in table[:4]:
        print(f"{name:10} {n:6} {mean:8.3f}")


if __name__ == "__main__":
    main()
