"""Attributes by which objects refer to those that refer to them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from memscope.advice.program.source import SourceFile
from memscope.advice.program.statements import is_self
from memscope.advice.program.walking import walk


def way_back(name: str, sources: Iterable[SourceFile]) -> str:
    """`child.parent` where a class has `child.parent = self`: the attribute that closes a cycle."""
    for source in sources:
        made = source.classes.get(name)
        for node in walk(made) if made is not None else ():
            if not isinstance(node, ast.Assign) or not is_self(node.value):
                continue
            for target in node.targets:
                if isinstance(target, ast.Attribute):
                    return ast.unparse(target)
    return ""
