"""Raster editor with full undo and redo of strokes."""
import random
import zlib

SIDE = 1800


class Stroke:
    __slots__ = ("offset", "before", "after")

    def __init__(self, offset, before, after):
        self.offset = offset
        self.before = before
        self.after = after


class Editor:
    def __init__(self):
        self.canvas = bytearray(SIDE * SIDE)
        self.done = []
        self.undone = []

    def paint(self, offset, pattern):
        end = offset + len(pattern)
        stroke = Stroke(offset, bytes(self.canvas[offset:end]), pattern)
        self.canvas[offset:end] = pattern
        self.done.append(stroke)
        self.undone.clear()

    def undo(self):
        stroke = self.done.pop()
        self.canvas[stroke.offset:stroke.offset + len(stroke.before)] = stroke.before
        self.undone.append(stroke)

    def redo(self):
        stroke = self.undone.pop()
        self.canvas[stroke.offset:stroke.offset + len(stroke.after)] = stroke.after
        self.done.append(stroke)

    def signature(self):
        return zlib.crc32(self.canvas)


def main():
    rng = random.Random(36)
    brushes = [rng.randbytes(rng.randrange(200, 900)) for _ in range(60)]
    editor = Editor()
    blank = editor.signature()
    for step in range(40_000):
        editor.paint(rng.randrange(SIDE * SIDE - 1000), brushes[step % 60])
        if step % 11 == 0:
            editor.undo()
            if step % 2:
                editor.redo()
    painted = editor.signature()
    depth = len(editor.done)
    while editor.done:
        editor.undo()
    print("back to blank", editor.signature() == blank)
    while editor.undone:
        editor.redo()
    print("depth", depth, "same", editor.signature() == painted, f"{painted:08x}")


if __name__ == "__main__":
    main()
