"""Pages laid out as boxes that join their parent: lists of numbers hang on to them."""


class Box:
    def __init__(self, parent=None):
        self.parent = parent
        self.children = []
        self.ink = None
        if parent is not None:
            parent.children.append(self)

    def paint(self, width):
        self.ink = [x * 0.5 for x in range(width)]
        for child in self.children:
            child.paint(width)


def page():
    root = Box()
    for _ in range(30):
        Box(root)  # advise: cycles
    return root


total = 0
for _ in range(10000):
    it = page()
    it.paint(2)
    total += len(it.children)
print(total)
