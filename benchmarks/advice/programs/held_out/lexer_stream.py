# forbid: chunk release-early grow-copy reuse-buffer
"""Streaming tokenizer and stack machine for a small expression language."""
import io
import operator
import random
import re
from itertools import islice

TOKEN = re.compile(r"\s*(?:(\d+)|([a-z]\w*)|(.))")
OPS = {"+": (1, operator.add), "-": (1, operator.sub), "*": (2, operator.mul), "%": (2, operator.mod)}
WORD = (1 << 61) - 1


class ScriptError(Exception):
    pass


class Source(io.TextIOBase):
    """Produces statements when they're asked for, as a pipe from another tool would."""

    def __init__(self, n, seed=31):
        self.rng = random.Random(seed)
        self.left = n

    def readable(self):
        return True

    def readline(self, size=-1):
        if not self.left:
            return ""
        self.left -= 1
        names = "abcdefgh"
        parts = [str(self.rng.randrange(1, 999))]
        for _ in range(self.rng.randrange(2, 9)):
            parts.append(self.rng.choice("+-*%"))
            if self.rng.random() < 0.5:
                parts.append(f"({self.rng.choice(names)} + {self.rng.randrange(1, 50)})")
            else:
                parts.append(str(self.rng.randrange(1, 999)))
        return f"{self.rng.choice(names)} = {' '.join(parts)};\n"


def tokens(lines):
    for line in lines:
        for number, name, other in TOKEN.findall(line):
            if number:
                yield "num", int(number)
            elif name:
                yield "name", name
            elif not other.isspace():
                yield other, None


class Machine:
    def __init__(self):
        self.vars = {}
        self.executed = 0

    def primary(self, tok, value, feed):
        if tok == "num":
            return value
        if tok == "name":
            return self.vars.get(value, 1)
        if tok == "(":
            result, end = self.expression(feed)
            if end != ")":
                raise ScriptError("missing )")
            return result
        raise ScriptError(f"unexpected {tok!r}")

    def expression(self, feed):
        values, ops = [self.primary(*next(feed), feed)], []
        while True:
            tok, _ = next(feed)
            level = OPS[tok][0] if tok in OPS else 0
            while ops and OPS[ops[-1]][0] >= level:
                fn = OPS[ops.pop()][1]
                b = values.pop()
                a = values.pop()
                values.append(0 if fn is operator.mod and not b else fn(a, b) % WORD)
            if not level:
                return values[0], tok
            ops.append(tok)
            values.append(self.primary(*next(feed), feed))

    def run(self, feed):
        while head := list(islice(feed, 2)):
            (kind, name), (eq, _) = head
            if kind != "name" or eq != "=":
                raise ScriptError("assignment expected")
            value, end = self.expression(feed)
            if end != ";":
                raise ScriptError("missing ;")
            self.vars[name] = value
            self.executed += 1


def main():
    m = Machine()
    m.run(tokens(iter(Source(48_000).readline, "")))
    print("executed", m.executed)
    for name, value in sorted(m.vars.items()):
        print(name, value)


if __name__ == "__main__":
    main()
