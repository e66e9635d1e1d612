"""Parses many arithmetic formulas into trees, folds constants and counts what is left."""
from __future__ import annotations

import itertools
import re
from abc import ABC, abstractmethod

TOKEN = re.compile(r"\d+|[a-z]+|[()+*]")


class Node(ABC):
    __slots__ = ("parent",)

    @abstractmethod
    def fold(self) -> Node: ...

    def depth(self) -> int:
        steps, node = 0, self
        while node.parent is not None:
            steps, node = steps + 1, node.parent
        return steps


class Leaf(Node):
    __slots__ = ("value",)

    def __init__(self, value):
        self.parent = None
        self.value = value

    def fold(self) -> Node:
        return self


class Binary(Node):
    __slots__ = ("operator", "left", "right")

    def __init__(self, operator, left, right):
        self.parent = None
        self.operator = operator
        self.left = left
        self.right = right
        left.parent = right.parent = self

    def fold(self) -> Node:
        left, right = self.left.fold(), self.right.fold()
        if isinstance(left, Leaf) and isinstance(right, Leaf):
            if isinstance(left.value, int) and isinstance(right.value, int):
                if self.operator == "+":
                    return Leaf(left.value + right.value)
                return Leaf(left.value * right.value % 1009)
        self.left, self.right = left, right
        left.parent = right.parent = self
        return self


def parse(tokens):
    token = next(tokens)
    if token != "(":
        return Leaf(int(token) if token.isdigit() else token)
    left = parse(tokens)
    operator = next(tokens)
    right = parse(tokens)
    next(tokens)
    return Binary(operator, left, right)


def formulas(count):
    names = itertools.cycle("abcdefghijkmn")
    for n in range(count):
        text = str(n % 89)
        for k in range(12):
            operand = next(names) if (n + k) % 4 else str(k)
            text = f"({text}{'+*'[k % 2]}{operand})"
        yield text


def load(count):
    forest = []
    for text in formulas(count):
        forest.append(parse(iter(TOKEN.findall(text))))  # advise: gc-pressure
    return forest


forest = load(16_000)
folded = [tree.fold() for tree in forest]
constants = sum(isinstance(tree, Leaf) for tree in folded)
left_depth = sum(tree.left.depth() for tree in folded if isinstance(tree, Binary))
print(len(forest), "formulas", constants, "constant", left_depth)
