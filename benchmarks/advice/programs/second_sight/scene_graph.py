"""Renders small scenes out of a graph of sprites."""
import weakref
import zlib
from abc import ABC, abstractmethod


class Item(ABC):
    def __init__(self, parent=None):
        self.parent = parent
        self.children = []
        if parent is not None:
            parent.children.append(self)

    @abstractmethod
    def draw(self):
        ...

    def depth(self):
        return 0 if self.parent is None else 1 + self.parent.depth()


class Group(Item):
    def draw(self):
        value = self.depth()
        for child in self.children:
            value = (value * 31 + child.draw()) & 0xFFFFFFFF
        return value


class Sprite(Item):
    def __init__(self, parent, seed):
        super().__init__(parent)
        self.pixels = bytes([seed & 255, seed >> 3 & 255, 7, 255]) * 6000

    def draw(self):
        return zlib.adler32(self.pixels) + self.depth()


class Renderer:
    def __init__(self):
        self.sum = 0
        self.scenes = 0

    def scene(self, number):
        root = Group()
        for k in range(3):
            group = Group(root)
            for j in range(4):
                Sprite(group, number * 13 + k * 5 + j)
        return root

    def run(self, scenes):
        for number in range(scenes):
            root = self.scene(number)
            self.sum ^= root.draw()
            self.scenes += 1


renderer = Renderer()
renderer.run(2500)
print(renderer.scenes, "%08x" % renderer.sum)
