"""How a name is used after it was given: gone through once in order, at random, or kept."""

from __future__ import annotations

import ast

from memscope.advice.source import Statement, method_name

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
    parents = _parents(statement.scope)
    passes = 0
    for node in uses:
        how = _one_use(node, parents)
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


def loads(scope: ast.AST, name: str) -> list[ast.Name]:
    return [
        node
        for node in ast.walk(scope)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)
    ]


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
    names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
    if names[:1] == ["self"] and isinstance(call.func, ast.Attribute):
        del names[0]
    place = call.args.index(node)
    if place >= len(names):
        return "call"
    inside = _parents(function)
    ways = []
    for use in loads(function, names[place]):
        way = _one_use(use, inside)
        if way == "call":
            way = _use_by_callee(statement, use, inside, deep - 1)
        ways.append(way)
    return "pass" if ways.count("pass") == 1 and {"pass", "look"} >= set(ways) else "call"


def _one_use(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    parent = parents.get(node)
    if isinstance(parent, ast.Attribute):
        call = parents.get(parent)
        if isinstance(call, ast.Call) and call.func is parent:
            if parent.attr in ("sort", "reverse", "pop", "insert", "remove", "index", "seek"):
                return "random"
            return "pass"
        return "look"
    if isinstance(parent, ast.Subscript):
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
    if isinstance(parent, ast.For | ast.AsyncFor | ast.comprehension):
        return "pass"
    if isinstance(parent, ast.Return | ast.Yield | ast.Tuple | ast.List | ast.Dict):
        return "kept"
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.keyword):
        return "kept"
    return "look"


def _parents(scope: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in ast.walk(scope) for child in ast.iter_child_nodes(parent)}
