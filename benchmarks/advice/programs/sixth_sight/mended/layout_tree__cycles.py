"""Lay out many small documents: a box tree is built, measured and dropped for each."""
import random
import weakref


class Box:
    def __init__(self, kind, parent=None):
        self.kind = kind
        self.parent = weakref.ref(parent) if parent is not None else None
        self.children = []
        self.pixels = None
        if parent is not None:
            parent.children.append(self)

    def rasterise(self, width, height):
        self.pixels = bytearray(width * height)

    def depth(self):
        node, n = self.parent and self.parent(), 0
        while node is not None:
            node = node.parent and node.parent()
            n += 1
        return n

    def area(self):
        own = len(self.pixels) if self.pixels else 0
        return own + sum(child.area() for child in self.children)


class Page:
    def __init__(self, rng):
        self.root = Box("page")
        for _ in range(rng.randrange(2, 5)):
            section = Box("section", self.root)
            for _ in range(rng.randrange(2, 6)):
                figure = Box("figure", section)
                figure.rasterise(rng.randrange(80, 160), 100)

    def measure(self):
        deepest = max(leaf.depth() for section in self.root.children for leaf in section.children)
        return self.root.area(), deepest


def main():
    rng = random.Random(64)
    total = 0
    deepest = 0
    for _ in range(16_500):
        page = Page(rng)
        area, depth = page.measure()
        total += area
        deepest = max(deepest, depth)
    print(f"{total} pixels, depth {deepest}")


if __name__ == "__main__":
    main()
