"""Boxes for a toy page layout; styles are computed per element."""
import weakref
from abc import ABC, abstractmethod


class Node(ABC):
    def __init__(self, text):
        self.text = text

    @abstractmethod
    def width(self, measure):
        ...


class Word(Node):
    def width(self, measure):
        return sum(measure[c] for c in self.text)


class Image(Node):
    def width(self, measure):
        return 16 * len(self.text)


class Box:
    def __init__(self, owner, measure):
        self.owner = owner
        self.extent = owner.width(measure)
        self.runs = [measure[c] * k for k, c in enumerate(owner.text)]


class Engine:
    def __init__(self):
        self.measure = {c: 4 + ord(c) % 7 for c in map(chr, range(32, 127))}
        self._boxes = weakref.WeakKeyDictionary()

    def box(self, node):
        found = self._boxes.get(node)
        if found is None:
            found = self._boxes[node] = Box(node, self.measure)
        return found

    def line_break(self, nodes, width):
        lines, room = 1, width
        for node in nodes:
            need = self.box(node).extent
            if need > room:
                lines, room = lines + 1, width
            room -= need
        return lines


class Page:
    def __init__(self, number):
        self.nodes = [
            (Image if k % 17 == 0 else Word)(f"page{number}word{k * k % 1009}")
            for k in range(400)
        ]


def main():
    engine = Engine()
    total = 0
    for number in range(90):
        page = Page(number)
        for width in (300, 480, 640):
            total += engine.line_break(page.nodes, width)
    print("lines", total)


if __name__ == "__main__":
    main()
