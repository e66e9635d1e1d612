# may: compact
"""Loads the product taxonomy of a marketplace into memory and answers
breadcrumb and facet queries on it."""
import random
from collections import Counter


class Category:
    __slots__ = ("code", "parent", "children", "facets")

    def __init__(self, code, parent, facets):
        self.code = code
        self.parent = parent
        self.children = []
        self.facets = facets

    def ancestors(self):
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def walk(self):
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(node.children)


class Taxonomy:
    def __init__(self, root):
        self.root = root
        self.by_code = {root.code: root}

    @classmethod
    def load(cls, records):
        tax = cls(Category(0, None, ()))
        known = tax.by_code
        for code, parent, facets in records:
            above = known[parent]
            node = Category(code, above, facets)  # advise: gc-pressure
            above.children.append(node)
            known[code] = node
        return tax

    def breadcrumb(self, code):
        node = self.by_code[code]
        return [n.code for n in node.ancestors()][::-1] + [code]

    def facet_counts(self, code):
        counts = Counter()
        for node in self.by_code[code].walk():
            counts.update(node.facets)
        return counts


def records(n):
    """Records in breadth order; the parent always comes first."""
    combos = [("brand",), ("brand", "size"), ("colour", "size"), (), ("brand", "colour", "material")]
    state = 12345
    for code in range(1, n):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        yield code, (code - 1) * 2 // 5 if code > 3 else 0, combos[state >> 8 & 3]


def main():
    n = 420_000
    tax = Taxonomy.load(records(n))
    rng = random.Random(7)
    depth = Counter()
    for _ in range(5_000):
        depth[len(tax.breadcrumb(rng.randrange(n)))] += 1
    print(sorted(depth.items()))
    for code in (1, 9, 700):
        print(code, sorted(tax.facet_counts(code).items()))
    print(len(tax.by_code), max(len(c.children) for c in tax.by_code.values()))


if __name__ == "__main__":
    main()
