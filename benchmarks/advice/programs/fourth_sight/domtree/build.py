import random

from nodes import Node

TAGS = ("div", "p", "span", "ul", "li", "table", "tr", "td")


def build(seed, breadth, depth):
    rng = random.Random(seed)
    root = Node("html", None, 1)
    level = [root]
    for _ in range(depth):
        below = []
        for parent in level:
            parent.children = tuple(
                Node(rng.choice(TAGS), parent, rng.randrange(50)) for _ in range(breadth))
            below.extend(parent.children)
        level = below
    return root
