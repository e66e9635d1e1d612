"""Parse pages into linked element trees, match selectors on them, forget them."""
# forbid: gc-pressure leak
import random
import zlib
from html.parser import HTMLParser


class Element:
    def __init__(self, tag, attrs, parent):
        self.tag = tag
        self.attrs = attrs
        self.parent = parent
        self.children = []
        self.text = ""
        self.prev = parent.children[-1] if parent and parent.children else None
        if parent is not None:
            parent.children.append(self)

    def walk(self):
        stack = [self]
        while stack:
            e = stack.pop()
            yield e
            stack.extend(reversed(e.children))

    def path(self):
        e, out = self, []
        while e is not None:
            out.append(e.tag)
            e = e.parent
        return ">".join(reversed(out))


class TreeBuilder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.at = Element("#root", {}, None)

    def handle_starttag(self, tag, attrs):
        e = Element(tag, dict(attrs), self.at)
        if tag not in ("br", "img"):
            self.at = e

    def handle_endtag(self, tag):
        e = self.at
        while e.parent is not None and e.tag != tag:
            e = e.parent
        self.at = e.parent or self.root

    def handle_data(self, data):
        self.at.text += data


def select(root, tag, klass=None, after=None):
    for e in root.walk():
        if e.tag == tag and (klass is None or e.attrs.get("class") == klass):
            if after is None or (e.prev is not None and e.prev.tag == after):
                yield e


def make_page(rng):
    rows = []
    for i in range(rng.randrange(20, 90)):
        klass = rng.choice(["odd", "even", "note"])
        rows.append(f'<div class="{klass}"><h2>Title {i}</h2><p>some <b>bold</b> text<br>line {rng.randrange(99)}</p>'
                    f'<ul><li>a<li>b<img src="x{i}.png"></ul></div>')
    return "<html><body>" + "\n".join(rows) + "</body></html>"


class Crawler:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.found = {}
        self.check = 0

    def visit(self):
        builder = TreeBuilder()
        builder.feed(make_page(self.rng))
        builder.close()
        for name, args in (("note", ("div", "note")), ("para", ("p", None, "h2")), ("image", ("img",))):
            for e in select(builder.root, *args):
                self.found[name] = self.found.get(name, 0) + 1
                self.check = zlib.crc32(e.path().encode(), self.check)


def main():
    crawler = Crawler(61)
    for _ in range(450):
        crawler.visit()
    print(sorted(crawler.found.items()), crawler.check)


if __name__ == "__main__":
    main()
