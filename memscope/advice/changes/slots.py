"""Giving a class slots."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from memscope.advice.changes.editing import Editor
from memscope.advice.model import Change
from memscope.advice.program.classes import is_dataclass
from memscope.advice.program.expressions import is_name, method_name, text_of
from memscope.advice.program.source import SourceFile
from memscope.advice.program.walking import walk

# What finds attributes by name, refers weakly, or makes instances without the class.
_NEEDS_DICTIONARY = {"__dict__", "__weakref__", "vars", "setattr", "delattr", "weakref", "ref",
                     "proxy", "WeakSet", "WeakValueDictionary", "WeakKeyDictionary", "finalize",
                     "cached_property", "__getstate__", "__setstate__", "__class__",
                     "__init_subclass__", "__slots__", "pickle", "update"}  # fmt: skip
_NEEDS_DICTIONARY -= {"update"}


def with_slots(editor: Editor, made: ast.ClassDef, sources: Sequence[SourceFile]) -> Change:
    """Slots for a class that has no other above or below it, and sets no attribute by name."""
    is_data = is_dataclass(made)
    fields = list(_fields(made))
    methods = {getattr(item, "name", "") for item in made.body}
    set_there = [name for name in _set_by_methods(made) if name not in methods]
    names = list(dict.fromkeys([*fields, *set_there]))
    why = _why_not(made, sources, is_data=is_data)
    others = sorted(_set_elsewhere(made, sources) - set(names))
    if not why and others:
        why = f"attributes are set that {made.name} may not name: {', '.join(others[:3])}"
    if not why and is_data and set(names) - set(fields):
        why = "it has attributes that are not among its fields"
    if not why and not is_data:
        why = _why_no_names(made, names)
    if why:
        return why
    return _decorated(editor, made) if is_data else _assigned(editor, made, names)


def _why_no_names(made: ast.ClassDef, names: Sequence[str]) -> str:
    if set(names) & _bound_in(made):
        return "a slot cannot have a value in the class"
    if not names or any(name.startswith("__") for name in names):
        return "its attributes cannot be told from its methods"
    return ""


def _why_not(made: ast.ClassDef, sources: Sequence[SourceFile], *, is_data: bool) -> str:
    if any(text_of(base) != "object" for base in made.bases) or made.keywords:
        return "what it inherits would need slots, too"
    if len(made.decorator_list) > int(is_data):
        return "it is decorated"
    for source in sources:
        for other in walk(source.tree):
            if isinstance(other, ast.ClassDef) and any(
                text_of(base).rpartition(".")[2] == made.name for base in other.bases
            ):
                return f"{other.name} inherits from it, and would need slots, too"
        if any(name in _NEEDS_DICTIONARY for name in _names(source.tree)):
            return "the program looks attributes up by name, or refers to instances weakly"
    if is_data and any(
        isinstance(node, ast.Call) and method_name(node) == "super" for node in walk(made)
    ):
        return "it calls super(), which a class that is made anew for its slots cannot"
    return ""


def _names(tree: ast.AST) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.FunctionDef | ast.alias):
            yield node.name


def _fields(made: ast.ClassDef) -> Iterator[str]:
    for item in made.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            yield item.target.id


def _bound_in(made: ast.ClassDef) -> set[str]:
    """Names that have a value in the class itself."""
    bound: set[str] = set()
    for item in made.body:
        targets: list[ast.expr] = item.targets if isinstance(item, ast.Assign) else []
        if isinstance(item, ast.AnnAssign) and item.value is not None:
            targets = [item.target]
        parts = [node for target in targets for node in walk(target)]
        bound |= {node.id for node in parts if isinstance(node, ast.Name)}
    return bound


def _set_by_methods(made: ast.ClassDef) -> Iterator[str]:
    """Attributes that methods set on what they are called on."""
    for method in made.body:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) or not method.args.args:
            continue
        first = method.args.args[0].arg
        yield from (node.attr for node in _stores(method) if _is_of(node, first))


def _stores(scope: ast.AST) -> Iterator[ast.Attribute]:
    for node in walk(scope):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield node


def _is_of(node: ast.Attribute, name: str) -> bool:
    return is_name(node.value, name)


def _set_elsewhere(made: ast.ClassDef, sources: Iterable[SourceFile]) -> set[str]:
    """Attributes that anybody sets on anything but their own instances."""
    found: set[str] = set()
    for source in sources:
        own = {
            id(node)
            for other in walk(source.tree)
            if isinstance(other, ast.ClassDef) and other is not made
            for node in _stores(other)
            if _is_of(node, "self") or _is_of(node, "cls")
        }
        found |= {node.attr for node in _stores(source.tree) if id(node) not in own}
    return found


def _decorated(editor: Editor, made: ast.ClassDef) -> Change:
    decorator = made.decorator_list[0]
    if not isinstance(decorator, ast.Call):
        return (editor.replaced(decorator, f"{text_of(decorator)}(slots=True)"),)
    given: list[ast.expr] = [*decorator.args, *(item.value for item in decorator.keywords)]
    if any(item.arg == "slots" for item in decorator.keywords):
        return "it says whether it has slots"
    if not given:
        return (editor.replaced(decorator, f"{text_of(decorator.func)}(slots=True)"),)
    last = max(given, key=lambda item: (item.end_lineno or 0, item.end_col_offset or 0))
    code = editor.code(last)
    if not code:
        return "its decorator has several lines"
    return (editor.replaced(last, f"{code}, slots=True"),)


def _assigned(editor: Editor, made: ast.ClassDef, names: Sequence[str]) -> Change:
    quoted = ", ".join(f'"{name}"' for name in names) + ("," if len(names) == 1 else "")
    first = made.body[0]
    line = f"__slots__ = ({quoted})"
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if is_text:
        edit = editor.after(first, ["", line])
    elif isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef) and first.decorator_list:
        return "its first statement is decorated"
    else:
        edit = editor.before(first, [line, ""])
    return "it has no line of its own" if edit is None else (edit,)
