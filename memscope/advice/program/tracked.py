"""Which statements make objects that the cyclic collector looks through.

It looks through containers: lists, dictionaries, sets, tuples, instances, functions. It never looks
at text, bytes and numbers, however many there are.
"""

from __future__ import annotations

import ast

from memscope.advice.program.expressions import method_name
from memscope.advice.program.statements import Statement
from memscope.advice.program.walking import walk

# Calls that make text, bytes, numbers or an answer.
_PLAIN = {"str", "repr", "ascii", "chr", "format", "hex", "oct", "bin", "bytes", "bytearray", "int",
          "float", "complex", "bool", "len", "ord", "abs", "round", "hash", "id", "sum", "pow",
          "divmod", "range", "print", "join", "replace", "strip", "lstrip", "rstrip", "lower",
          "upper", "title", "capitalize", "casefold", "swapcase", "center", "ljust", "rjust",
          "zfill", "expandtabs", "translate", "removeprefix", "removesuffix", "encode", "decode",
          "format_map", "tobytes", "to_bytes", "from_bytes", "fromhex", "hexdigest", "digest",
          "getvalue", "read", "readline", "read_text", "read_bytes", "recv", "pack", "urandom",
          "token_hex", "token_bytes", "token_urlsafe", "randbytes", "random", "randint",
          "randrange", "getrandbits", "uniform", "gauss", "b64encode", "b64decode", "hexlify",
          "compress", "decompress", "dumps", "isoformat", "strftime", "time", "perf_counter",
          "find", "index", "count", "startswith", "endswith", "intern", "isinstance", "min",
          "max"}  # fmt: skip
# Calls that make nothing but room.
_STORING = {"append", "appendleft", "add", "extend", "insert", "setdefault", "update", "write",
            "discard", "remove", "clear"}  # fmt: skip
_CONTAINERS = (
    ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
    ast.Lambda,
)  # fmt: skip


def makes_containers(statement: Statement) -> bool:
    """Whether a statement itself makes what the collector looks through; in doubt it does."""
    if isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    inside: set[int] = set()  # the elements of a comprehension are made by its own code
    for node in statement.walk():
        if id(node) in inside:
            continue
        if isinstance(node, ast.ListComp | ast.SetComp) and not _makes(node.elt):
            # One container for many plain elements.
            inside.update(map(id, walk(node)))
        elif _makes_one(node):
            return True
    return False


def makes_plain(statement: Statement) -> bool:
    """Whether a statement itself may make text, bytes or numbers, which nobody looks through."""
    return any(
        isinstance(node, ast.JoinedStr | ast.BinOp | ast.AugAssign | ast.For | ast.comprehension)
        or (
            isinstance(node, ast.Call)
            and method_name(node) not in _STORING
            and not method_name(node).lstrip("_")[:1].isupper()
        )
        for node in (statement.node, *statement.walk())
    )


def _makes(node: ast.expr) -> bool:
    return any(map(_makes_one, walk(node)))


def _makes_one(node: ast.AST) -> bool:
    if isinstance(node, ast.Tuple):
        constant = all(isinstance(item, ast.Constant) for item in node.elts)
        return isinstance(node.ctx, ast.Load) and not constant
    if isinstance(node, ast.Call):
        return method_name(node) not in _PLAIN | _STORING
    return isinstance(node, _CONTAINERS)
