class Node:
    __slots__ = ("tag", "parent", "children", "weight")

    def __init__(self, tag, parent, weight):
        self.tag = tag
        self.parent = parent
        self.children = ()
        self.weight = weight

    def path(self):
        node, tags = self, []
        while node is not None:
            tags.append(node.tag)
            node = node.parent
        return "/".join(reversed(tags))

    def walk(self):
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(node.children)
