"""Names belong to the scopes that Python's own compiler says they do."""

from __future__ import annotations

import ast
import symtable
from collections import Counter
from collections.abc import Iterator

import pytest

from memscope.advice.program.scopes import names_of, uses_in
from memscope.advice.program.statements import COMPREHENSIONS, FUNCTIONS
from memscope.advice.program.walking import walk

# With generators for comprehensions: from 3.12 on, the compiler has those in the scope around.
SOURCES = {
    "only functions bind a global": """
def fill():
    global table
    table = [1]
def read():
    return table
""",
    "a global within a function that has the name": """
def outer():
    total = 1
    def inner():
        global total
        total = 2
    return total
""",
    "nonlocal": """
def outer():
    total = 1
    def inner():
        nonlocal total
        total += 2
    return inner
""",
    "global in a class": """
class Shop:
    global shelves
    shelves = []
""",
    "walrus in a comprehension": """
def last(rows):
    found = list((kept := row) for row in rows if row)
    return kept
""",
    "loops of comprehensions": """
def texts(line, lines):
    return (line.strip() for line in lines), dict((key, line) for key in lines)
""",
    "del, and an augmented assignment": """
def gone(rows):
    more = len(rows)
    more += 1
    del rows, held
""",
    "match": """
def read(order):
    match order:
        case {"kind": kind, **others}:
            return kind, others
        case [first, *rest] | (first, rest):
            return first, rest
        case str() as whole:
            return whole
        case _:
            return order
""",
    "except, with, import and loops": """
def read(path):
    import os.path, json as loader
    from shelves import shelf, books as volumes
    try:
        with open(path) as file, lock as (one, two):
            for number, line in enumerate(file):
                pass
    except OSError as problem:
        print(problem)
""",
    "a class's names are not its methods'": """
rows = 1
class Table:
    rows = rows
    count = list(rows for _ in range(3))
    def size(self):
        return rows
""",
    "lambdas, defaults and decorators": """
@wrap(limit)
def call(limit=limit, *rest, key=None, **others):
    return lambda limit, other=limit: limit + other
""",
    "functions and classes are names": """
def outer():
    class Inner(base):
        pass
    async def later(): ...
    annotated: int
    return Inner, later
""",
}


def scopes(tree: ast.AST) -> Iterator[ast.AST]:
    for node in walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS, *COMPREHENSIONS)):
            yield node


def tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from tables(child)


def own(table: symtable.SymbolTable) -> frozenset[str]:
    """What the compiler takes for local; of a module, all that is bound in it or for it."""
    of_module = table.get_type() == "module"
    return frozenset(
        symbol.get_name()
        for symbol in table.get_symbols()
        if not symbol.get_name().startswith((".", "_["))
        and (symbol.is_assigned() or symbol.is_parameter() or symbol.is_imported())
        and (of_module or symbol.is_local())
    )


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_names_are_those_of_the_compiler(text: str) -> None:
    table = symtable.symtable(text, "app.py", "exec")
    known = Counter(own(each) for each in tables(table))
    declared = {
        symbol.get_name()
        for each in tables(table)
        for symbol in each.get_symbols()
        if symbol.is_declared_global() and symbol.is_assigned()
    }
    of_module = own(table)
    known[of_module] -= 1
    known[of_module | declared] += 1
    assert Counter(map(names_of, scopes(ast.parse(text)))) == +known


@pytest.mark.parametrize(
    ("text", "name", "lines"),
    [
        ("x = 1\ndef f():\n    x = 2\n    return x\nprint(x)", "x", [1, 5]),
        ("x = 1\ndef f(x):\n    return x\nprint(x)", "x", [1, 4]),
        ("x = 1\ndef f():\n    return x", "x", [1, 3]),
        ("x = 1\ndef f(a=x):\n    x = a\n    return lambda: x", "x", [1, 2]),
        ("x = 1\ndef f():\n    def g():\n        global x\n        x = 2\n    x = 3", "x", [1, 5]),
        ("x = 1\nclass A:\n    x = 2\n    y = x\n    def f(self): return x", "x", [1, 5]),
        ("x = 1\ny = [x\n     for x in\n     x]", "x", [1, 4]),
        ("x = 1\ny = [z for z in\n     x if z]", "x", [1, 3]),
        ("y = [\n    (x := z) for z in range(3)]\nprint(x)", "x", [2, 3]),
        ("x = 1\nf = lambda x: (\n    x)", "x", [1]),
    ],
)
def test_uses_are_of_the_scopes_own_name(text: str, name: str, lines: list[int]) -> None:
    assert sorted(node.lineno for node in uses_in(ast.parse(text), name)) == lines


def test_uses_of_a_functions_name_leave_the_modules_out() -> None:
    text = "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n"
    text += "    def h():\n        global x\n        x = 3\n"
    function = ast.parse(text).body[0]
    assert sorted(node.lineno for node in uses_in(function, "x")) == [2, 5]
