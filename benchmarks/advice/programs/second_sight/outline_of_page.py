"""Makes an outline of a generated HTML page with html5lib."""
import html5lib

TAGS = "{http://www.w3.org/1999/xhtml}"


def page(sections):
    yield "<!doctype html><title>Field guide</title><body>"
    for number in range(sections):
        yield f"<h2 id=s{number}>Section {number}</h2><p>See <a href=#s{number * 7 % sections}>there</a>"
        yield f"<ul><li>one<li>two <b>bold</b><li>{'three ' * (number % 4)}</ul>"
    yield "</body>"


def headings(tree):
    for element in tree.iter(TAGS + "h2"):
        yield element.get("id"), element.text


def links(tree):
    for element in tree.iter(TAGS + "a"):
        yield element.get("href").lstrip("#")


def depth(element):
    deepest, border = 0, [(element, 1)]
    while border:
        at, level = border.pop()
        deepest = max(deepest, level)
        border.extend((child, level + 1) for child in at)
    return deepest


def main():
    tree = html5lib.parse("".join(page(700)))
    known = dict(headings(tree))
    counts = {}
    for link in links(tree):
        counts[known[link]] = counts.get(known[link], 0) + 1
    items = sum(len(list(each)) for each in tree.iter(TAGS + "ul"))
    words = sum(len((element.text or "").split()) for element in tree.iter())
    print(len(known), max(counts.values()), depth(tree), items, words)


if __name__ == "__main__":
    main()
