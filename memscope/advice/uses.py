"""How a name is used after it was given: gone through once in order, at random, or kept."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from memscope.advice.source import Statement, method_name, text_of

MOST_CALLS_DEEP = 2

# Calls that go through what they are given once, from the front.
CONSUMERS = {"sum", "min", "max", "any", "all", "set", "frozenset", "Counter", "dict", "join",
              "writelines", "update", "write", "send", "sendall", "crc32", "adler32", "md5",
              "sha1", "sha256", "sha512", "blake2b", "count", "loads", "reduce", "mean",
              "fmean", "split", "splitlines", "decode", "encode", "extend", "StringIO",
              "BytesIO", "reader", "DictReader", "finditer", "findall", "enumerate", "iter",
              "zip", "map", "filter", "copyfileobj", "compress", "decompress", "hexdigest",
              "new", "startswith", "strip", "lower", "upper", "replace", "groupby", "chain",
              "from_iterable", "islice", "takewhile", "dropwhile", "starmap", "accumulate",
              "batched", "pairwise", "filterfalse", "zip_longest", "executemany", "writerows",
              "fsum", "nlargest", "nsmallest", "merge", "deque", "defaultdict"}  # fmt: skip


def use_of(statement: Statement, name: str, *, is_bytes: bool) -> tuple[str, str]:
    """How a name is used in its scope after the statement: once through, or why not."""
    made = set(map(id, statement.walk()))
    uses = [
        node
        for node in loads(statement.scope, name)
        if node.lineno >= statement.node.lineno and id(node) not in made
    ]
    parents = parents_in(statement.scope)
    passes = 0
    for node in uses:
        how = way_of_use(node, parents)
        if how == "call":
            how = _use_by_callee(statement, node, parents, MOST_CALLS_DEEP)
        if how == "kept":
            return "", f"{name} is returned or kept: somebody needs it whole"
        if how == "random":
            return "", f"{name} is used by index, in no order that a stream has"
        if how in ("pass", "call"):
            passes += 1
        if how == "call" and not is_bytes:
            return "", f"{name} is passed to a function that may need it whole"
    if not passes:
        return "", f"{name} is only held: nothing goes through it"
    if not is_bytes and passes > 1:
        return "", f"{name} is gone through {passes} times"
    return "gone through in order", ""


def only_returned(statement: Statement, name: str) -> bool:
    """Whether a name is looked at at most, and then returned: what it is for its caller says."""
    parents = parents_in(statement.scope)
    uses = loads(statement.scope, name)
    returned = [node for node in uses if isinstance(parents.get(node), ast.Return)]
    others = [node for node in uses if node not in returned]
    return bool(returned) and all(way_of_use(node, parents) == "look" for node in others)


def list_filled_by(statement: Statement, methods: Collection[str]) -> ast.expr | None:
    """What the statement adds to by one of these methods; else what it assigns."""
    filled = statement.target
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in methods:
            filled = call.func.value
    return filled


def calls_with(statement: Statement, held: ast.Name | ast.Attribute) -> Iterator[tuple[str, bool]]:
    """What else is called with a list: methods of its own (True), and what is given it first.

    An attribute may be used by any method of its file, a name by its function.
    """
    scope = statement.scope if isinstance(held, ast.Name) else statement.parents[0]
    name = text_of(held)
    for node in ast.walk(scope):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and text_of(node.func.value) == name:
            yield method_name(node), True
        if node.args and text_of(node.args[0]) == name:
            yield method_name(node), False


def use_of_call(statement: Statement, call: ast.expr) -> str:
    """How a statement uses what a call in it gives: "pass" if it goes through it once, in order."""
    return way_of_use(call, parents_in(statement.node))


def loads(scope: ast.AST, name: str) -> list[ast.Name]:
    return [
        node
        for node in ast.walk(scope)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]


# Calls that make a number or an answer, and those that make a list of the elements.
_SUMMING = {"len", "sum", "fsum", "min", "max", "any", "all", "bool", "int", "float", "abs",
            "round", "hash", "id", "ord", "mean", "fmean", "median", "crc32", "adler32",
            "hexdigest", "count", "index", "find", "isinstance", "divmod", "pow"}  # fmt: skip
_COPYING = {"list", "sorted", "set", "Counter", "nlargest", "nsmallest"}


def may_hold(node: ast.expr, name: str) -> bool:
    """Whether the value of an expression may hold what a name holds; in doubt it does."""
    if isinstance(node, ast.Name):
        return node.id == name
    if isinstance(node, ast.JoinedStr | ast.Compare | ast.Constant | ast.BinOp | ast.UnaryOp):
        return False  # text, an answer, or what is made of both sides
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return not isinstance(node.value, ast.Name) and may_hold(node.value, name)
    if isinstance(node, ast.ListComp | ast.SetComp):
        return may_hold(node.elt, name)
    if isinstance(node, ast.DictComp):
        return may_hold(node.key, name) or may_hold(node.value, name)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(may_hold(item, name) for item in node.elts if not isinstance(item, ast.Starred))
    if isinstance(node, ast.Call):
        called = method_name(node)
        if called in ("min", "max") and len(node.args) > 1:
            return any(may_hold(item, name) for item in node.args)
        if called in _SUMMING or called in ("print", "repr"):
            return False
        if called in _COPYING:
            return any(may_hold(item, name) for item in node.args if not isinstance(item, ast.Name))
    return bool(loads(node, name))


def surely_holds(node: ast.expr, name: str) -> bool:
    """Whether the value of an expression holds what a name holds; in doubt it does not."""
    if isinstance(node, ast.Name):
        return node.id == name
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(surely_holds(item, name) for item in node.elts)
    if isinstance(node, ast.Dict):
        return any(surely_holds(item, name) for item in node.values)
    if isinstance(node, ast.Call) and method_name(node).lstrip("_")[:1].isupper():
        # An object of a class, which keeps what it is made of.
        given = [*node.args, *(item.value for item in node.keywords)]
        return any(surely_holds(item, name) for item in given)
    return False


def gone_through_at_once(node: ast.Call, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether what a call gives goes straight into one that uses it up: `sum(map(len, xs))`."""
    parent = parents.get(node)
    if isinstance(parent, ast.comprehension):
        return not isinstance(parents.get(parent), ast.GeneratorExp)
    return (
        isinstance(parent, ast.Call)
        and node in parent.args
        and method_name(parent) in _SUMMING | _COPYING | {"tuple", "dict", "frozenset", "join"}
    )


def sums_up(node: ast.expr) -> bool:
    """Whether an expression makes a few numbers of names: `(min(xs), max(xs))`, `sum(xs) / 2`."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple):
        return all(sums_up(item) for item in node.elts)
    if isinstance(node, ast.BinOp):
        return sums_up(node.left) and sums_up(node.right)
    if isinstance(node, ast.UnaryOp):
        return sums_up(node.operand)
    if isinstance(node, ast.Call) and method_name(node) in _SUMMING and not node.keywords:
        function = node.func
        of = [function.value] if isinstance(function, ast.Attribute) else []
        return all(isinstance(item, ast.Name) or sums_up(item) for item in (*of, *node.args))
    return False


def _use_by_callee(
    statement: Statement, node: ast.Name, parents: dict[ast.AST, ast.AST], deep: int
) -> str:
    """How a function of the same file goes through what it is given: "pass" if once, in order."""
    call = parents.get(node)
    if not isinstance(call, ast.Call) or node not in call.args or not deep:
        return "call"
    called = method_name(call)
    function = next(
        (
            item
            for item in ast.walk(statement.parents[0])
            if isinstance(item, ast.FunctionDef) and item.name == called
        ),
        None,
    )
    if function is None:
        return "call"
    name = parameter_at(function, call, call.args.index(node))
    if not name:
        return "call"
    inside = parents_in(function)
    ways = []
    for use in loads(function, name):
        way = way_of_use(use, inside)
        if way == "call":
            way = _use_by_callee(statement, use, inside, deep - 1)
        ways.append(way)
    return "pass" if ways.count("pass") == 1 and {"pass", "look"} >= set(ways) else "call"


def parameter_at(function: ast.FunctionDef, call: ast.Call, place: int) -> str:
    """The parameter that takes what a call gives at a place; "" if none does by a name."""
    names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
    if names[:1] == ["self"] and isinstance(call.func, ast.Attribute):
        del names[0]
    return names[place] if place < len(names) else ""


def way_of_use(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """How the expression around a name uses it: "look", "pass", "random", "call" or "kept"."""
    parent = parents.get(node)
    if isinstance(parent, ast.Attribute):
        call = parents.get(parent)
        if isinstance(call, ast.Call) and call.func is parent:
            if parent.attr in ("sort", "reverse", "pop", "insert", "remove", "index", "seek"):
                return "random"
            return "pass"
        return "look"
    if isinstance(parent, ast.Subscript):
        if not isinstance(parent.ctx, ast.Load):
            return "random"
        if isinstance(parent.slice, ast.Slice):
            return "look"
        return "look" if isinstance(parent.slice, ast.Constant | ast.UnaryOp) else "random"
    if isinstance(parent, ast.Call):
        called = method_name(parent)
        if called in ("len", "print", "bool"):
            return "look"
        if called in CONSUMERS:
            return "pass"
        if called in ("sorted", "append", "put", "setdefault", "array", "frombuffer", "shuffle"):
            return "random"
        return "call"
    if isinstance(parent, ast.For | ast.AsyncFor | ast.comprehension | ast.YieldFrom):
        return "pass"
    if isinstance(parent, ast.Return | ast.Yield | ast.Tuple | ast.List | ast.Dict):
        return "kept"
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.keyword):
        return "kept"
    return "look"


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def parents_in(scope: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in ast.walk(scope) for child in ast.iter_child_nodes(parent)}
