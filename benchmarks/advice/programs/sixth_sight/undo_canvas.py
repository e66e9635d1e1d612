"""A drawing canvas with bounded undo; operations are replayed backwards at the end."""
import json
import random
from collections import deque


class Canvas:
    UNDO = 400

    def __init__(self, width, height):
        self.width = width
        self.cells = bytearray(width * height)
        self.undo_stack = deque(maxlen=self.UNDO)

    def paint(self, x, y, size, colour):
        saved = []
        for row in range(y, y + size):
            at = row * self.width + x
            saved.append((at, bytes(self.cells[at:at + size])))
            self.cells[at:at + size] = bytes((colour,)) * size
        self.undo_stack.append(saved)

    def undo(self):
        if not self.undo_stack:
            return False
        for at, old in reversed(self.undo_stack.pop()):
            self.cells[at:at + len(old)] = old
        return True


def replay(canvas, commands):
    undone = 0
    for text in commands:
        command = json.loads(text)
        if command["op"] == "undo":
            undone += canvas.undo()
        else:
            canvas.paint(command["x"], command["y"], command["size"], command["colour"])
    return undone


def commands(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        if rng.random() < 0.2:
            yield '{"op": "undo"}'
        else:
            yield json.dumps({"op": "paint", "x": rng.randrange(900), "y": rng.randrange(900),
                              "size": rng.randrange(5, 60), "colour": rng.randrange(256)})


def main():
    canvas = Canvas(1000, 1000)
    undone = replay(canvas, commands(50, 40_000))
    remaining = 0
    while canvas.undo():
        remaining += 1
    print(undone, remaining, sum(canvas.cells) % 99_991)


if __name__ == "__main__":
    main()
