"""Bounding a cache that a decorator keeps."""

from __future__ import annotations

import ast

from memscope.advice.changes.editing import Editor
from memscope.advice.model import Change
from memscope.advice.program.walking import walk

_MAKES_CHANGEABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def bounded_cache(
    editor: Editor, function: ast.FunctionDef | ast.AsyncFunctionDef, kept: int
) -> Change:
    """The most entries for `cache` and `lru_cache(maxsize=None)` of functools."""
    decorator = next((item for item in function.decorator_list if _name(item)), None)
    if decorator is None:
        return "the cache is no decorator's of functools"
    if any(
        isinstance(node, ast.Attribute) and node.attr.startswith("cache_")
        for node in walk(editor.source.tree)
    ):
        return "the program looks into the cache"
    if any(
        isinstance(node, ast.Return) and isinstance(node.value, _MAKES_CHANGEABLE)
        for node in walk(function)
    ):
        return "what it gives can be changed by callers: the same is to be given each time"
    name = _name(decorator)
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    owner = editor.code(called.value) + "." if isinstance(called, ast.Attribute) else ""
    if name == "cache" and not owner:
        return _imported(editor, decorator, kept)
    return (editor.replaced(decorator, f"{owner}lru_cache(maxsize={kept})"),)


def _imported(editor: Editor, decorator: ast.expr, kept: int) -> Change:
    """`from functools import cache` is no way to `lru_cache`."""
    for item in editor.source.tree.body:
        if isinstance(item, ast.ImportFrom) and item.module == "functools":
            edit = editor.before(item, ["from functools import lru_cache"])
            if edit is not None:
                return edit, editor.replaced(decorator, f"lru_cache(maxsize={kept})")
    return "where the cache is imported is not in sight"


def _name(decorator: ast.expr) -> str:
    """`cache` or `lru_cache`, of a decorator of functools that is one without a bound; else ""."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name == "cache" and not isinstance(decorator, ast.Call):
        return "cache"
    if name != "lru_cache" or not isinstance(decorator, ast.Call):
        return ""
    given = [*decorator.args, *(item.value for item in decorator.keywords)]
    unbounded = len(given) == 1 and isinstance(given[0], ast.Constant) and given[0].value is None
    return "lru_cache" if unbounded else ""
