"""Code of a cell as IPython compiles it: one file, under the number that the notebook shows."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import CodeType

from IPython.core.interactiveshell import InteractiveShell


@dataclass(frozen=True, slots=True)
class Code:
    """A cell in two parts: all but its last expression, and that, which it gives."""

    body: CodeType
    last: CodeType | None

    def run(self, shell: InteractiveShell) -> object:
        """Run it once, with the notebook's names."""
        exec(self.body, shell.user_ns)
        return None if self.last is None else eval(self.last, shell.user_ns)


def cell_number(shell: InteractiveShell) -> int:
    """Of the cell that runs: the last one that was compiled, or what IPython counts."""
    numbers: dict[str, int] = getattr(shell.compile, "_filename_map", {})
    return max(numbers.values(), default=shell.execution_count)


def compiled(shell: InteractiveShell, source: str, *, above: int) -> Code:
    """What is to be run, with so many lines above it in the cell. SyntaxError passes; top-level
    `await` is one.

    The file's number is told to IPython first, so that the recording knows it from its start.
    """
    transformed = "\n" * above + shell.transform_cell(source)
    name = shell.compile.cache(transformed, cell_number(shell), raw_code=source)
    tree = shell.transform_ast(shell.compile.ast_parse(transformed, filename=name))
    silent = source.rstrip().endswith(";")
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not silent:
        last = ast.Expression(tree.body.pop().value)
    return Code(
        compile(tree, name, "exec", dont_inherit=True),
        None if last is None else compile(last, name, "eval", dont_inherit=True),
    )
