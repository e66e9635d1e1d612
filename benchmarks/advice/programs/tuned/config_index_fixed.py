"""Load a big properties dump, index it and answer queries about it."""
import io
import random
import re
from collections import defaultdict


def dump(n, seed=17):
    rng = random.Random(seed)
    out = io.StringIO()
    areas = ["billing", "auth", "search", "mail", "queue"]
    for i in range(n):
        area = rng.choice(areas)
        out.write(f"# generated entry {i} -- do not edit, owner team-{rng.randrange(40)}\n")
        out.write(f"{area}.node{i % 50}.limit{i} = {rng.randrange(100_000)}   \n")
        if i % 9 == 0:
            out.write("\n")
    return out.getvalue()


class SyntaxProblem(Exception):
    def __init__(self, line_no, line):
        super().__init__(f"line {line_no}: {line!r}")


class PropertiesParser:
    PAIR = re.compile(r"([\w.]+)\s*=\s*(\d+)\s*$")

    def __init__(self, text):
        self.lines = text.split("\n")
        self.comments = 0
        self.values = {}

    def parse(self):
        for no, line in enumerate(self.lines, 1):
            if not line:
                continue
            if line[0] == "#":
                self.comments += 1
                continue
            m = self.PAIR.match(line)
            if not m:
                raise SyntaxProblem(no, line)
            self.values[m[1]] = int(m[2])
        self.lines = None
        return self

    def get(self, key, default=0):
        return self.values.get(key, default)


class Index:
    """Secondary indexes: by area, by node and by magnitude."""

    def __init__(self, parser):
        self.source = parser
        self.by_area = defaultdict(list)
        self.by_node = defaultdict(list)
        self.by_size = defaultdict(list)
        for key, value in parser.values.items():
            area, node, _ = key.split(".")
            self.by_area[area].append(key)
            self.by_node[node].append(key)
            self.by_size[len(str(value))].append(key)

    def total(self, area):
        return sum(self.source.get(k) for k in self.by_area[area])

    def suffixes(self):
        table = defaultdict(list)
        for key in self.source.values:
            for cut in (3, 4, 5):
                table[key[-cut:]].append(key)
        return table


def main():
    parser = PropertiesParser(dump(110_000)).parse()
    index = Index(parser)
    print("values", len(parser.values), "comments", parser.comments)
    for area in sorted(index.by_area):
        print(f"{area:8s} {len(index.by_area[area]):6d} {index.total(area)}")
    table = index.suffixes()
    widest = max(table, key=lambda s: (len(table[s]), s))
    print("suffixes", len(table), widest, len(table[widest]))
    print("sizes", {k: len(v) for k, v in sorted(index.by_size.items())})


if __name__ == "__main__":
    main()
