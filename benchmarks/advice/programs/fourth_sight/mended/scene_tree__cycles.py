"""Lay out a stream of documents; each is parsed to a box tree, measured, dropped."""
import random
import sys
import weakref


class Box:
    def __init__(self, kind, parent=None):
        self.kind = kind
        self._parent = weakref.ref(parent) if parent is not None else None
        self.children = []
        self.raster = None
        if parent is not None:
            parent.children.append(self)

    @property
    def parent(self):
        return self._parent() if self._parent is not None else None

    def depth(self):
        d, box = 0, self
        while box.parent is not None:
            box = box.parent
            d += 1
        return d

    def paint(self, width):
        shift = self.depth() * 0.25
        self.raster = [x * 0.5 + shift for x in range(width * 2)]
        for child in self.children:
            child.paint(width - 8)

    def area(self):
        return int(self.raster[-1]) + sum(c.area() for c in self.children)


class Builder:
    def __init__(self, rng):
        self.rng = rng

    def document(self):
        root = Box("page")
        for _ in range(4):
            section = Box("section", root)
            for _ in range(self.rng.randrange(2, 6)):
                block = Box("block", section)
                if self.rng.random() < 0.4:
                    Box("image", block)
        return root


def main(documents=380):
    builder = Builder(random.Random(17))
    total = 0
    for _ in range(documents):
        page = builder.document()
        page.paint(900)
        total += page.area()
    print("documents", documents, "area", total)
    return 0


if __name__ == "__main__":
    sys.exit(main())
