# may: compact
"""Parse a large XML-ish feed into a tree, then query it with simple paths."""
import random
import re
import sys
import zlib

TAG = re.compile(r"<(/?)(\w+)((?: \w+=\"[^\"]*\")*)(/?)>|([^<]+)")
ATTR = re.compile(r'(\w+)="([^"]*)"')


class Node:
    __slots__ = ("tag", "attrs", "children", "text", "parent")

    def __init__(self, tag, attrs, parent):
        self.tag = tag
        self.attrs = attrs
        self.children = []
        self.text = None
        self.parent = parent

    def walk(self):
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def find_all(self, path):
        level = [self]
        for part in path.split("/"):
            level = [c for n in level for c in n.children if part in ("*", c.tag)]
        return level

    def depth(self):
        d, node = 0, self
        while node.parent is not None:
            d, node = d + 1, node.parent
        return d


class ParseError(ValueError):
    pass


class TreeBuilder:
    def __init__(self):
        self.root = Node("#document", [], None)
        self.current = self.root
        self.count = 0

    def start(self, tag, attrs):
        node = Node(tag, attrs, self.current)  # advise: gc-pressure
        self.current.children.append(node)
        self.current = node
        self.count += 1

    def end(self, tag):
        if self.current.tag != tag:
            raise ParseError(f"unexpected </{tag}> in <{self.current.tag}>")
        self.current = self.current.parent

    def data(self, text):
        text = text.strip()
        if text:
            self.current.text = text


def parse(source):
    b = TreeBuilder()
    for m in TAG.finditer(source):
        closing, tag, attrs, single, text = m.groups()
        if text is not None:
            b.data(text)
        elif closing:
            b.end(tag)
        else:
            b.start(sys.intern(tag), ATTR.findall(attrs))
            if single:
                b.end(tag)
    if b.current is not b.root:
        raise ParseError("premature end of input")
    return b


def feed(n, seed=12):
    rng = random.Random(seed)
    out = ["<feed>"]
    for i in range(n):
        out.append(f'<offer id="{i}" shop="s{i % 17}"><price>{rng.randrange(1, 9999)}</price><tags>')
        out.extend(f"<t>{rng.randrange(50)}</t>" for _ in range(rng.randrange(3, 8)))
        out.append('</tags><stock/></offer>')
    out.append("</feed>")
    return "".join(out)


def main():
    built = parse(feed(24_000))
    root = built.root
    print("nodes", built.count)
    prices = [int(n.text) for n in root.find_all("feed/offer/price")]
    print("prices", len(prices), sum(prices), max(prices))
    tags = {}
    for n in root.find_all("feed/offer/tags/t"):
        tags[n.text] = tags.get(n.text, 0) + 1
    print("tags", len(tags), sorted(tags.items(), key=lambda kv: -kv[1])[:3])
    crc = 0
    for n in root.walk():
        crc = zlib.crc32(n.tag.encode(), crc)
    print(f"{crc:08x}", max(n.depth() for n in root.find_all("feed/offer/tags/*")))


if __name__ == "__main__":
    main()
