"""Compiler for a small let-language: resolves names to slots and folds the result on a stack VM."""
import re
from array import array
from collections import namedtuple

Op = namedtuple("Op", "code arg")
TOKEN = re.compile(r"\s*(?:(\d+)|([A-Za-z_]\w*)|(.))")


def lex(line):
    for number, word, sign in TOKEN.findall(line):
        if number:
            yield "num", int(number)
        elif word:
            yield "name", word
        elif sign.strip():
            yield "op", sign


class Layer:
    """One lexical level: name -> slot."""

    __slots__ = ("slots", "outer")

    def __init__(self, slots, outer=None):
        self.slots, self.outer = slots, outer

    def declare(self, name):
        if name in self.slots:
            return self
        return Layer(self.slots | {name: len(self.slots)}, self.outer)  # advise: grow-copy

    def find(self, name):
        depth, layer = 0, self
        while layer is not None:
            if name in layer.slots:
                return depth, layer.slots[name]
            depth, layer = depth + 1, layer.outer
        raise NameError(name)


class Compiler:
    def __init__(self):
        self.layer = Layer({})
        self.code = []

    def statement(self, line):
        """Compiles one line and hands over its instructions."""
        self.code = []
        tokens = list(lex(line))
        match tokens:
            case [("name", "let"), ("name", target), ("op", "="), *rest]:
                self.expression(rest)
                self.layer = self.layer.declare(target)
                self.code.append(Op("store", self.layer.find(target)[1]))
            case [("name", "emit"), *rest]:
                self.expression(rest)
                self.code.append(Op("emit", None))
            case _:
                raise SyntaxError(line)
        return self.code

    def expression(self, tokens):
        pending = None
        for kind, value in tokens:
            if kind == "op":
                pending = value
                continue
            self.code.append(Op("push", value) if kind == "num" else Op("load", self.layer.find(value)[1]))
            if pending:
                self.code.append(Op(pending, None))
                pending = None


class Machine:
    def __init__(self):
        self.cells, self.out, self.ran = array("q"), [], 0

    def execute(self, code):
        stack = []
        for op, arg in code:
            if op == "push":
                stack.append(arg)
            elif op == "load":
                stack.append(self.cells[arg])
            elif op == "store":
                self.cells[arg:arg + 1] = array("q", (stack.pop(),))
            elif op == "emit":
                self.out.append(stack.pop())
            else:
                b, a = stack.pop(), stack.pop()
                stack.append((a + b if op == "+" else a * b if op == "*" else a - b) % 1_000_003)
        self.ran += len(code)


def program(n):
    yield "let v0 = 7"
    yield "let v1 = 11"
    for i in range(2, n):
        yield f"let v{i} = v{i - 1} + v{i * 7919 % i} * {i % 13 + 1}"
        if i % 1000 == 0:
            yield f"emit v{i} - v{i // 2}"


def main():
    compiler = Compiler()
    machine = Machine()
    for line in program(16_000):
        machine.execute(compiler.statement(line))
    print(machine.ran, "ops,", len(compiler.layer.slots), "slots")
    print(machine.out)


if __name__ == "__main__":
    main()
