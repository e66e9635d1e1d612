# builds a graph of linked nodes while the collector waits
import gc


class Node:
    __slots__ = ("links", "tags")

    def __init__(self, links):
        self.links = links
        self.tags = []


def build(n):
    nodes = []
    last = None
    gc.disable()
    try:
        for i in range(n):
            last = Node([last])
            nodes.append(last)
    finally:
        gc.enable()
    return nodes


print(len(build(500_000)))
