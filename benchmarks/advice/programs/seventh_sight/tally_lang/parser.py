from lexer import tokens


class SyntaxFault(Exception):
    pass


class LineParser:
    LEVELS = ("+-", "*%")

    def __init__(self, line):
        self.stream = tokens(line)
        self.current = next(self.stream)

    def advance(self):
        token = self.current
        if token[0] != "end":
            self.current = next(self.stream)
        return token

    def expect(self, kind, value=None):
        token = self.advance()
        if token[0] != kind or (value is not None and token[1] != value):
            raise SyntaxFault(f"expected {value or kind}, got {token[1]!r}")
        return token[1]

    def statement(self):
        keyword = self.expect("kw")
        if keyword == "emit":
            return ("emit", self.expression(0))
        name = self.expect("name")
        self.expect("op", "=")
        return (keyword, name, self.expression(0))

    def expression(self, level):
        if level == len(self.LEVELS):
            return self.atom()
        left = self.expression(level + 1)
        while self.current[0] == "op" and self.current[1] in self.LEVELS[level]:
            mark = self.advance()[1]
            left = (mark, left, self.expression(level + 1))
        return left

    def atom(self):
        kind, value = self.advance()
        if kind in ("num", "name"):
            return (kind, value)
        if kind == "op" and value == "(":
            inner = self.expression(0)
            self.expect("op", ")")
            return inner
        raise SyntaxFault(f"unexpected {value!r}")


def parse(source):
    for line in source.splitlines():
        if line.strip():
            yield LineParser(line).statement()
