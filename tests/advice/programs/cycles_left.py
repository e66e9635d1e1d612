"""Parents and children that know each other, with the collector off."""

import gc


class Node:
    def __init__(self, parent):
        self.parent = parent
        self.children = []
        self.text = "x" * 200


def tree(number):
    root = Node(None)
    for _ in range(4):
        root.children.append(Node(root))  # advise: leak
    return number % 3


def main():
    gc.disable()
    total = 0
    for number in range(60_000):
        total += tree(number)
    print(total)


main()
