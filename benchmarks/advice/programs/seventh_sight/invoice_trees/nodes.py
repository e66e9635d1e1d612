class Node:
    def __init__(self, tag, parent=None, text=""):
        self.tag = tag
        self.text = text
        self.parent = parent
        self.children = []

    def add(self, tag, text=""):
        child = Node(tag, self, text)
        self.children.append(child)
        return child

    def depth(self):
        node, depth = self, 0
        while node.parent is not None:
            node = node.parent
            depth += 1
        return depth

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()
