"""Expressions as data and as text: what a call calls, and what is a number."""

from __future__ import annotations

import ast
from typing import TypeGuard

_NUMBER_CALLS = {"len", "int", "float", "abs", "ord", "hash", "id", "count", "index", "find"}


def is_number(node: ast.expr) -> bool:
    """Whether an expression is a number by its form: nothing that was made for it outlives it."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float | complex)
    if isinstance(node, ast.Call):
        return method_name(node) in _NUMBER_CALLS
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not) or is_number(node.operand)
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow):
            return is_number(node.left) or is_number(node.right)
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Compare)


def is_name(node: ast.AST | None, name: str) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and node.id == name


def called_name(call: ast.Call) -> str:
    """`bytearray`, `np.zeros`, `.read` (a method of something): what a call calls."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id
    if isinstance(function, ast.Attribute):
        if isinstance(function.value, ast.Name):
            return f"{function.value.id}.{function.attr}"
        return f".{function.attr}"
    return ""


def method_name(call: ast.Call) -> str:
    """The last part of what a call calls."""
    return called_name(call).rpartition(".")[2]


def code_of(node: ast.AST) -> str:
    """A piece of syntax as code that can be run, on one line; "" if it cannot be written so."""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return ""
    return "" if "\n" in text else text


def text_of(node: ast.AST, limit: int = 60) -> str:
    """A piece of syntax as code, on one line."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (RecursionError, ValueError):
        return "…"
    return text if len(text) <= limit else text[: limit - 1] + "…"
