# builds a graph of linked nodes
class Node:
    __slots__ = ("links", "tags")

    def __init__(self, links):
        self.links = links
        self.tags = []


def build(n):
    nodes = []
    last = None
    for i in range(n):
        last = Node([last])  # advise: gc-pressure
        nodes.append(last)
    return nodes


print(len(build(500_000)))
