"""Views share their document through a weak dictionary: a document goes when the last of its views goes."""

# forbid: leak pool compact pool-leak

import random
import weakref
from collections import deque


class Document:
    def __init__(self, name):
        self.name = name
        self.lines = [f"{name}: line {n}" for n in range(40)]

    def words(self):
        return sum(len(line.split()) for line in self.lines)


class Library:
    def __init__(self):
        self.open = weakref.WeakValueDictionary()
        self.loaded = 0
        self.closed = 0

    def get(self, name):
        document = self.open.get(name)
        if document is None:
            document = self.open[name] = Document(name)
            weakref.finalize(document, self.count_closed).atexit = False
            self.loaded += 1
        return document

    def count_closed(self):
        self.closed += 1


class View:
    __slots__ = ("cursor", "document")

    def __init__(self, document):
        self.document = document
        self.cursor = 0

    def scroll(self, by):
        self.cursor = (self.cursor + by) % len(self.document.lines)
        return len(self.document.lines[self.cursor])


def main():
    rng = random.Random(64)
    library = Library()
    views = deque()
    total = 0
    for turn in range(100_000):
        view = View(library.get(f"doc{int(rng.gauss(turn / 40, 60))}"))
        total += view.scroll(rng.randrange(40)) + (view.document.words() if turn % 8 == 0 else 0)
        views.append(view)
        while len(views) > 150 + 100 * (turn // 3000 % 2):
            views.popleft()
    del view
    still = len(library.open)
    views.clear()
    print(total, library.loaded, still, library.loaded - library.closed, len(library.open))


if __name__ == "__main__":
    main()
