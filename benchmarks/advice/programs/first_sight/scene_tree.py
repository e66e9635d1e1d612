"""Load a large scene description into nested nodes and run a few queries on it."""
import sys


# may: compact
class Node:
    __slots__ = ("kind", "children", "box", "links")

    def __init__(self, kind, box):
        self.kind = kind
        self.box = box
        self.children = []
        self.links = None


class Loader:
    """Reads the generated description: depth, kind and box of each node in pre-order."""

    def __init__(self, fanout, depth):
        self.fanout = fanout
        self.depth = depth
        self.nodes = 0

    def load(self):
        root = Node("root", [0, 0, 1 << 20, 1 << 20])
        stack = [(root, 0)]
        while stack:
            node, level = stack.pop()
            if level == self.depth:
                continue
            x, y, w, h = node.box
            n = self.fanout + (level & 1)
            part = max(1, w // n)
            for i in range(n):
                kid = Node("leaf" if level + 1 == self.depth else "group", [x + i * part, y, part, h])  # advise: gc-pressure
                kid.links = [node, i]
                node.children.append(kid)
                stack.append((kid, level + 1))
            self.nodes += n
        return root


class Walker:
    def __init__(self, root):
        self.root = root

    def visit(self, fn):
        todo = [self.root]
        while todo:
            node = todo.pop()
            if fn(node) is not False:
                todo.extend(node.children)

    def hit(self, x):
        path = []

        def check(node):
            bx, _, bw, _ = node.box
            if not bx <= x < bx + bw:
                return False
            path.append(node)
            return True

        self.visit(check)
        return path

    def count(self, kind):
        n = 0
        todo = [self.root]
        while todo:
            node = todo.pop()
            n += node.kind == kind
            todo.extend(node.children)
        return n


def load_scene(fanout, depth):
    loader = Loader(fanout, depth)
    root = loader.load()
    return root, loader.nodes


def main(argv):
    fanout = int(argv[1]) if len(argv) > 1 else 6
    root, total = load_scene(fanout, 7)
    walker = Walker(root)
    print("nodes", total, "leaves", walker.count("leaf"))
    for x in (5, 4000, 77777, 900000):
        path = walker.hit(x)
        print(x, len(path), path[-1].box, path[-1].links[1])


if __name__ == "__main__":
    main(sys.argv)
