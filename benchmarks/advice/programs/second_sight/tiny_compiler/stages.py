"""The stages of the compiler."""
from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Union

LEXEME = re.compile(r"\s*(?:(\d+)|(\w+)|([-+*/()=]))|(\n)")
RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(slots=True, frozen=True)
class Token:
    kind: str
    text: str
    line: int


@dataclass(slots=True)
class Binary:
    operator: str
    left: Tree
    right: Tree


Tree = Union[Binary, str, int]


def tokenize(source: str) -> list[Token]:
    tokens = []
    for number, line in enumerate(source.split("\n")):
        for digits, name, sign, _ in LEXEME.findall(line):
            tokens.append(Token("number" if digits else "name" if name else "sign", digits or name or sign, number))
        tokens.append(Token("end", ";", number))
    return tokens


def parse(tokens: list[Token]) -> list[tuple[str, Tree]]:
    trees, at = [], 0
    while at < len(tokens):
        target = tokens[at].text
        tree, at = _expression(tokens, at + 2, 1)
        trees.append((target, tree))
        at += 1
    return trees


def _expression(tokens: list[Token], at: int, rank: int) -> tuple[Tree, int]:
    left, at = _atom(tokens, at)
    while RANK.get(tokens[at].text, 0) >= rank:
        sign = tokens[at].text
        right, at = _expression(tokens, at + 1, RANK[sign] + 1)
        left = Binary(sign, left, right)
    return left, at


def _atom(tokens: list[Token], at: int) -> tuple[Tree, int]:
    token = tokens[at]
    if token.text == "(":
        tree, at = _expression(tokens, at + 1, 1)
        return tree, at + 1
    return (int(token.text) if token.kind == "number" else token.text), at + 1


def assemble(trees: list[tuple[str, Tree]]) -> list[tuple[str, float | str]]:
    code: list[tuple[str, float | str]] = []

    def emit(tree: Tree) -> None:
        if isinstance(tree, Binary):
            emit(tree.left)
            emit(tree.right)
            code.append(("do", tree.operator))
        elif isinstance(tree, int):
            code.append(("push", float(tree)))
        else:
            code.append(("load", tree))

    for target, tree in trees:
        emit(tree)
        code.append(("store", target))
    return code
