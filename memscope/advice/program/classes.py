"""Classes of the program, read from its source: which a call makes, and what instances hold."""

from __future__ import annotations

import ast

from memscope.advice.program.expressions import is_name, method_name, text_of
from memscope.advice.program.source import SourceFile, SourceFiles
from memscope.advice.program.statements import Statement, is_self
from memscope.advice.program.walking import walk


def made_classes(
    statement: Statement, source: SourceFile, sources: SourceFiles
) -> list[tuple[ast.ClassDef, ast.Call]]:
    """The own classes that the statement makes instances of, by name, and how it calls them."""
    found: list[tuple[ast.ClassDef, ast.Call]] = []
    for call in statement.calls():
        name = method_name(call)
        if name == "cls" and statement.enclosing_class is not None:
            found.append((statement.enclosing_class, call))
        elif name in source.classes:
            found.append((source.classes[name], call))
        elif name[:1].isupper():
            # Imported from another file of the program's own.
            others = (other.classes for other in sources.loaded())
            found.extend([(classes[name], call) for classes in others if name in classes][:1])
    return found


def named_attributes(definition: ast.ClassDef, call: ast.Call) -> list[str]:
    """The attributes that a call names, of a class that takes any."""
    takes_any = any(
        isinstance(item, ast.FunctionDef) and item.name == "__init__" and item.args.kwarg
        for item in definition.body
    )
    return [item.arg for item in call.keywords if item.arg] if takes_any else []


def _lineage(definition: ast.ClassDef, source: SourceFile) -> list[ast.ClassDef]:
    """A class and those of its file that it inherits from."""
    found = [definition]
    for member in found:
        for base in member.bases:
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            inherited = source.classes.get(name)
            if inherited is not None and inherited not in found:
                found.append(inherited)
    return found


def without_slots(definition: ast.ClassDef, source: SourceFile) -> ast.ClassDef | None:
    """The class that gives instances a dictionary: one in the line without slots is enough."""
    lineage = _lineage(definition, source)
    if any(_is_made_of_slots(member) for member in lineage):
        return None
    return next((member for member in lineage if not _has_slots(member)), None)


def attributes(definition: ast.ClassDef, source: SourceFile) -> tuple[int, int]:
    """How many slots instances have already, and how many attributes, those included."""
    slots: set[str] = set()
    names: set[str] = set()
    for member in _lineage(definition, source):
        if _has_slots(member):
            slots.update(_own_slots(member))
        names.update(field_names(member))
    return len(slots), max(len(names | slots), 1)


def _own_slots(definition: ast.ClassDef) -> list[str]:
    for item in definition.body:
        if isinstance(item, ast.Assign) and text_of(item.targets[0]) == "__slots__":
            return [
                part.value
                for part in walk(item.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
    return field_names(definition)


def is_dataclass(definition: ast.ClassDef) -> bool:
    return any("dataclass" in text_of(item) for item in definition.decorator_list)


def _has_slots(definition: ast.ClassDef) -> bool:
    for item in definition.body:
        names: list[ast.expr] = []
        if isinstance(item, ast.Assign):
            names = item.targets
        elif isinstance(item, ast.AnnAssign):
            names = [item.target]
        if any(is_name(name, "__slots__") for name in names):
            return True
    decorators = " ".join(text_of(item, 200) for item in definition.decorator_list)
    return "slots=True" in decorators or "define" in decorators or "frozen(" in decorators


def _is_made_of_slots(definition: ast.ClassDef) -> bool:
    """Whether a class has its instances' shape from a library that makes them small."""
    bases = " ".join(text_of(item) for item in definition.bases)
    return any(word in bases for word in ("NamedTuple", "tuple", "Struct", "Enum", "TypedDict"))


def field_names(definition: ast.ClassDef) -> list[str]:
    names = [
        item.target.id
        for item in definition.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]
    for node in walk(definition):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and is_self(node.value)
            and node.attr not in names
        ):
            names.append(node.attr)
    return names
