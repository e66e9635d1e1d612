"""Keeps one of each equal value that a statement makes: an edit, or code to show."""

from __future__ import annotations

import ast

from memscope.advice.changes.editing import Editor
from memscope.advice.model import Change
from memscope.advice.program.expressions import code_of, is_name, method_name
from memscope.advice.program.walking import walk

# Of a text they give texts, and no subclass of it: those `sys.intern` refuses.
_GIVE_TEXT = {"strip", "lstrip", "rstrip", "lower", "upper", "title", "casefold", "replace",
              "join", "format", "removeprefix", "removesuffix"}  # fmt: skip
_GIVE_TEXTS = {"split", "rsplit", "splitlines"}
# What gives values of a type for sure, by the names of functions and methods.
_GIVE = {
    "str": {"str", "repr", "decode", "isoformat", "hexdigest", "strftime", *_GIVE_TEXT},
    "bytes": {"bytes", "encode", "tobytes", "to_bytes", "digest"},
    "tuple": {"tuple"},
}
_SHARED = "shared = {}  # new: one for all of them, outside the loop\n"
_IS_FOR_OTHERS = "which of its values repeat is for those who know them to say"


def one_of_each(node: ast.stmt, of_type: str) -> str:
    """The code of a statement that keeps one of each value of the type; "": its form hides which.

    A value that is no text, bytes object or tuple would be looked up in the dictionary, and fail.
    """
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return ""
    target = node.targets[0]
    if isinstance(target, ast.Tuple):
        # Not all of them: what is there once and soon gone would be kept.
        names = [code_of(it) for it in target.elts if isinstance(it, ast.Name)]
        if not names:
            return ""
        shared = f"{names[0]} = shared.setdefault({names[0]}, {names[0]})"
        return f"{_SHARED}{code_of(node)}\n{shared}  # and each other that repeats"
    if not isinstance(target, ast.Name | ast.Attribute):
        return ""
    code = _shared(code_of(target), node.value, of_type)
    return _SHARED + code if code else ""


def _shared(target: str, value: ast.expr, of_type: str) -> str:
    if _gives(value, of_type) and (made := code_of(value)):
        return f"made = {made}  # new\n{target} = shared.setdefault(made, made)"
    whole: ast.expr | None = None
    if isinstance(value, ast.ListComp | ast.SetComp) and _gives(value.elt, of_type):
        made_one = ast.NamedExpr(target=ast.Name("made"), value=value.elt)
        whole = type(value)(elt=_one_of_each(made_one), generators=value.generators)
    elif isinstance(value, ast.Call) and method_name(value) in _GIVE_TEXTS:
        each = ast.comprehension(target=ast.Name("made"), iter=value, ifs=[], is_async=0)
        whole = ast.ListComp(elt=_one_of_each(ast.Name("made")), generators=[each])
    code = code_of(whole) if whole is not None else ""
    return f"{target} = {code}  # new: made" if code else ""


def _one_of_each(value: ast.expr) -> ast.expr:
    setdefault = ast.Attribute(value=ast.Name("shared"), attr="setdefault")
    return ast.Call(func=setdefault, args=[value, ast.Name("made")], keywords=[])


def _gives(value: ast.expr, of_type: str) -> bool:
    """Whether an expression gives one value of the type, and not a container of such."""
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else method_name(value)
        return name in _GIVE.get(of_type, ())
    if isinstance(value, ast.BinOp):
        return _gives(value.left, of_type) or _gives(value.right, of_type)
    if isinstance(value, ast.Subscript):
        return isinstance(value.slice, ast.Slice)  # a list's is none of the type
    if isinstance(value, ast.Constant):
        return type(value.value).__name__ == of_type
    return isinstance(value, _DISPLAYS.get(of_type, ()))


_DISPLAYS: dict[str, type[ast.expr]] = {"str": ast.JoinedStr, "tuple": ast.Tuple}


def interned(editor: Editor, node: ast.stmt) -> Change:
    """`sys.intern(…)` around the one text that a statement makes, or makes for each of a list."""
    value = node.value if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    if isinstance(value, ast.ListComp | ast.SetComp):
        value = value.elt
    code = editor.code(value) if value is not None and _is_text(value) else ""
    if value is None or not code:
        return _IS_FOR_OTHERS
    tree = editor.source.tree
    wrapped = editor.replaced(value, f"sys.intern({code})")
    imports = [it for it in tree.body if isinstance(it, ast.Import)]
    if any(alias.name == "sys" and not alias.asname for it in imports for alias in it.names):
        return (wrapped,)
    if any(is_name(it, "sys") for it in walk(tree)):
        return "the file has a sys of its own"
    added = editor.before(imports[0], ["import sys"]) if imports else None
    return (added, wrapped) if added else "the file has no line with an import to stand beside"


def _is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Call) and method_name(value) in _GIVE_TEXT
    )
