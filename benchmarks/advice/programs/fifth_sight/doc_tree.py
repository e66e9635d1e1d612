"""Outline numbering of generated documents; every document is a tree of sections."""
import random
import weakref
import zlib


class Section:
    def __init__(self, title, body, parent=None):
        self.title = title
        self.body = body
        self._parent = weakref.ref(parent) if parent is not None else None
        self.children = []

    @property
    def parent(self):
        return self._parent() if self._parent else None

    def add(self, title, body):
        child = Section(title, body, self)
        self.children.append(child)
        return child

    def number(self):
        if self.parent is None:
            return ""
        place = self.parent.children.index(self) + 1
        return f"{self.parent.number()}{place}."

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


def generate(rng, prose):
    root = Section("root", b"")
    for chapter in range(rng.randrange(6, 12)):
        node = root.add(f"chapter {chapter}", prose[chapter:])
        for part in range(rng.randrange(3, 8)):
            node.add(f"part {part}", prose[rng.randrange(2000):])
    return root


def digest(root):
    value = 0
    for section in root.walk():
        value = zlib.crc32(section.number().encode(), value)
        value = zlib.adler32(section.body, value)
    return value


def main():
    rng = random.Random(71)
    prose = rng.randbytes(130_000)
    mix = sections = 0
    for _ in range(110):
        document = generate(rng, prose)
        mix ^= digest(document)
        sections += sum(1 for _ in document.walk())
        del document
    print("sections", sections, f"mix {mix:08x}")


if __name__ == "__main__":
    main()
