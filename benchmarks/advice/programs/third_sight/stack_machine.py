"""A small arithmetic language: tokens, compiler, stack machine."""
import re

TOKEN = re.compile(r"\s*(?:(\d+)|([a-z]+)|(.))")
RANK = {"+": 1, "-": 1, "*": 2, "%": 2}


def tokens(text):
    for number, name, sign in TOKEN.findall(text):
        if number:
            yield "num", int(number)
        elif name:
            yield "var", name
        else:
            yield "op", sign


def compile_(text):
    code, pending = [], []
    for kind, value in tokens(text):
        if kind == "num":
            code.append(("push", value))
        elif kind == "var":
            code.append(("load", value))
        elif value == "(":
            pending.append(value)
        elif value == ")":
            while (top := pending.pop()) != "(":
                code.append(("calc", top))
        else:
            while pending and pending[-1] != "(" and RANK[pending[-1]] >= RANK[value]:
                code.append(("calc", pending.pop()))
            pending.append(value)
    while pending:
        code.append(("calc", pending.pop()))
    return tuple(code)


def execute(code, names):
    stack = []
    for verb, value in code:
        if verb == "push":
            stack.append(value)
        elif verb == "load":
            stack.append(names[value])
        else:
            b, a = stack.pop(), stack.pop()
            if value == "+":
                stack.append(a + b)
            elif value == "-":
                stack.append(a - b)
            elif value == "*":
                stack.append(a * b)
            else:
                stack.append(a % (b or 1))
    return stack.pop()


def main():
    sources = ["(x + 3) * y - 7 % (x + 1)", "x * x - y * (2 + x) % 101", "((x))*5+(y-2)*(y+2)"]
    totals = []
    for source in sources:
        code = compile_(source)
        total = 0
        for x in range(220):
            for y in range(150):
                total = (total * 3 + execute(code, {"x": x, "y": y})) % 1000003
        totals.append(total)
    print("totals", totals)
    print("again", [execute(compile_(s), {"x": 9, "y": 4}) for s in sources])


if __name__ == "__main__":
    main()
