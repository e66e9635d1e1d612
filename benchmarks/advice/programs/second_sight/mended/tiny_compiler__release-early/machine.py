"""The stack machine."""
from __future__ import annotations


def run(code: list[tuple[str, float | str]]) -> str:
    names: dict[str, float] = {}
    stack: list[float] = []
    for order, value in code:
        if order == "push":
            stack.append(value)
        elif order == "load":
            stack.append(names.get(value, 1.0))
        elif order == "store":
            names[value] = stack.pop() % 1000
        else:
            b, a = stack.pop(), stack.pop()
            stack.append(a + b if value == "+" else a - b if value == "-" else a * b if value == "*" else a / b)
    return " ".join(f"{k}={v:.3f}" for k, v in sorted(names.items())[:5])
