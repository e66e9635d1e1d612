"""How a name is used after it was given: gone through once in order, at random, or kept."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from memscope.advice.program.expressions import method_name, text_of
from memscope.advice.program.scopes import uses_in
from memscope.advice.program.statements import COMPREHENSIONS, Statement
from memscope.advice.program.walking import walk

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

# Calls that have something begin which goes on beside the program.
STARTING = {"submit", "create_task", "ensure_future", "run_in_executor", "apply_async", "Popen",
             "run_coroutine_threadsafe", "start_soon"}  # fmt: skip


def use_of(
    statement: Statement, name: str, *, is_bytes: bool, others: Sequence[ast.Module] = ()
) -> tuple[str, str]:
    """How a name is used in its scope after the statement: once through, or why not.

    `others` are the program's other modules, whose functions may be called.
    """
    made = set(map(id, statement.walk()))
    uses = [
        node
        for node in loads(statement.scope, name)
        if node.lineno >= statement.node.lineno and id(node) not in made
    ]
    parents = parents_in(statement.scope)
    passes = 0
    for node in uses:
        how = _use_at(node, parents, [statement.parents[0], *others], MOST_CALLS_DEEP)
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
    returned = [node for node in uses if _is_returned(node, parents)]
    others = [node for node in uses if node not in returned]
    return bool(returned) and all(way_of_use(node, parents) == "look" for node in others)


def _is_returned(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether it is returned, or all of it but its beginning: `return rows[1:]`."""
    parent = parents.get(node)
    if parent is not None and is_rest(parent):
        parent = parents.get(parent)
    return isinstance(parent, ast.Return)


def list_filled_by(statement: Statement, methods: Collection[str]) -> ast.expr | None:
    """What the statement adds to by one of these methods; else what it assigns."""
    filled = statement.target
    for call in statement.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in methods:
            filled = call.func.value
    return filled


# What these give has the items, or the text, of what they are given.
_HANDING_ON = {"list", "tuple", "sorted", "reversed", "iter", "enumerate", "map", "filter", "zip",
               "str", "bytes", "bytearray", "memoryview", "join"}  # fmt: skip
_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict)


def is_assigned(statement: Statement, made: ast.expr) -> bool:
    """Whether what the statement names is what an expression in it makes, or has all of it.

    False where something else is named that was only given it: `df = DataFrame({"a": made})`.
    """
    value = getattr(statement.node, "value", None)
    while value is not made:
        parts: list[ast.expr] = []
        if isinstance(value, ast.Call):
            parts = [value.func.value] if isinstance(value.func, ast.Attribute) else []
            parts += value.args if method_name(value) in _HANDING_ON else []
        elif isinstance(value, COMPREHENSIONS):
            parts = [each.iter for each in value.generators]
        elif isinstance(value, ast.expr) and not isinstance(value, _DISPLAYS):
            parts = [part for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr)]
        value = next((part for part in parts if any(each is made for each in walk(part))), None)
        if value is None:
            return False
    return True


def calls_with(statement: Statement, held: ast.Name | ast.Attribute) -> Iterator[tuple[str, bool]]:
    """What else is called with a list: methods of its own (True), and what is given it first.

    An attribute may be used by any method of its file, a name by its function.
    """
    scope = statement.scope if isinstance(held, ast.Name) else statement.parents[0]
    name = text_of(held)
    for node in walk(scope):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and text_of(node.func.value) == name:
            yield method_name(node), True
        if node.args and text_of(node.args[0]) == name:
            yield method_name(node), False


def use_of_call(statement: Statement, call: ast.expr, others: Sequence[ast.Module] = ()) -> str:
    """How a statement uses what a call in it gives: "pass" if it goes through it once, in order."""
    trees = [statement.parents[0], *others]
    return _use_at(call, parents_in(statement.node), trees, MOST_CALLS_DEEP)


def loads(scope: ast.AST, name: str) -> list[ast.Name]:
    """Where a scope, or one within, reads its own name; `name += more` does so too."""
    added = {id(node.target) for node in walk(scope) if isinstance(node, ast.AugAssign)}
    return [
        node for node in uses_in(scope, name) if isinstance(node.ctx, ast.Load) or id(node) in added
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
    parts = _parts_kept(node)
    return bool(loads(node, name)) if parts is None else any(may_hold(it, name) for it in parts)


def _parts_kept(node: ast.expr) -> list[ast.expr] | None:
    """The parts of an expression that its value has whole; None if that is not known."""
    if isinstance(node, ast.JoinedStr | ast.Compare | ast.Constant | ast.BinOp | ast.UnaryOp):
        return []  # text, an answer, or what is made of both sides
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        return [] if isinstance(node.value, ast.Name) else [node.value]
    if isinstance(node, ast.ListComp | ast.SetComp):
        return [node.elt]
    if isinstance(node, ast.DictComp):
        return [node.key, node.value]
    if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
        items = (
            [*filter(None, node.keys), *node.values] if isinstance(node, ast.Dict) else node.elts
        )
        return [item for item in items if not isinstance(item, ast.Starred)]
    return _arguments_kept(node) if isinstance(node, ast.Call) else None


def _arguments_kept(call: ast.Call) -> list[ast.expr] | None:
    called = method_name(call)
    if called in ("min", "max") and len(call.args) > 1:
        return call.args
    if called in _SUMMING or called in ("print", "repr"):
        return []
    if called in _COPYING:
        return [item for item in call.args if not isinstance(item, ast.Name)]
    return None


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


def _use_at(
    node: ast.expr, parents: dict[ast.AST, ast.AST], trees: Sequence[ast.AST], deep: int
) -> str:
    """How the expression around uses one, where that is a call of an own function by what it does.

    `trees` are modules; the first is the one that has the expression.
    """
    how, call = way_of_use(node, parents), parents.get(node)
    if how != "call" or not isinstance(call, ast.Call) or node not in call.args or not deep:
        return how
    ways = [
        _use_within(function, call, call.args.index(node), tree, trees, deep - 1)
        for function, tree in functions_named(method_name(call), trees)
    ]
    return "pass" if ways and {*ways} == {"pass"} else "call"


def _use_within(
    function: ast.FunctionDef,
    call: ast.Call,
    place: int,
    tree: ast.AST,
    trees: Sequence[ast.AST],
    deep: int,
) -> str:
    """How a function goes through what it is given at a place: "pass" if once, in order."""
    name = parameter_at(function, call, place)
    inside, trees = parents_in(function), [tree, *(each for each in trees if each is not tree)]
    ways = [_use_at(use, inside, trees, deep) for use in loads(function, name)] if name else []
    return "pass" if ways.count("pass") == 1 and {"pass", "look"} >= set(ways) else "call"


def functions_named(name: str, trees: Sequence[ast.AST]) -> list[tuple[ast.FunctionDef, ast.AST]]:
    """The functions of a name in a module; where it has none, in the others."""
    found: list[tuple[ast.FunctionDef, ast.AST]] = []
    for place, tree in enumerate(trees):
        found += [
            (node, tree)
            for node in walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name == name
        ]
        if found and not place:
            break
    return found


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
        return _way_of_attribute(parent, parents.get(parent))
    if isinstance(parent, ast.Subscript):
        # `for line in lines[1:]`
        rest = is_rest(parent) and way_of_use(parent, parents) == "pass"
        return "pass" if rest else _way_of_subscript(parent)
    if isinstance(parent, ast.Call):
        return _WAY_OF_CALL.get(method_name(parent), "call")
    if isinstance(parent, ast.For | ast.AsyncFor | ast.comprehension | ast.YieldFrom):
        return "pass"
    kept = isinstance(
        parent,
        ast.Return | ast.Yield | ast.Tuple | ast.List | ast.Dict
        | ast.Assign | ast.AnnAssign | ast.keyword,
    )  # fmt: skip
    return "kept" if kept else "look"


_WAY_OF_CALL = {
    **dict.fromkeys(("sorted", "append", "put", "setdefault", "array", "frombuffer", "shuffle"),
                    "random"),
    **dict.fromkeys(CONSUMERS, "pass"),
    **dict.fromkeys(("len", "print", "bool"), "look"),
}  # fmt: skip
_OUT_OF_ORDER = {"sort", "reverse", "pop", "insert", "remove", "index", "seek"}


def _way_of_attribute(attribute: ast.Attribute, call: ast.AST | None) -> str:
    if not isinstance(call, ast.Call) or call.func is not attribute:
        return "look"
    return "random" if attribute.attr in _OUT_OF_ORDER else "pass"


def _way_of_subscript(subscript: ast.Subscript) -> str:
    if not isinstance(subscript.ctx, ast.Load):
        return "random"
    in_place = isinstance(subscript.slice, ast.Slice | ast.Constant | ast.UnaryOp)
    return "look" if in_place else "random"


def is_rest(subscript: ast.AST | None) -> bool:
    """Whether it is all of something but its beginning: `lines[1:]`."""
    part = subscript.slice if isinstance(subscript, ast.Subscript) else None
    return isinstance(part, ast.Slice) and part.upper is None and part.step is None


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in walk(node) if isinstance(part, ast.Name)}


def parents_in(scope: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in walk(scope) for child in ast.iter_child_nodes(parent)}


def starts(made: ast.AST) -> bool:
    """Whether something begins here that goes on beside the program: a task, a job, a process."""
    return any(isinstance(node, ast.Call) and method_name(node) in STARTING for node in walk(made))
