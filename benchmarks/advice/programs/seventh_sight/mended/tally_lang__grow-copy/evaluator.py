import operator

MOD = 1_000_003
OPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod}


class Scope:
    def __init__(self, names=None):
        self.names = names or {}

    def lookup(self, name):
        try:
            return self.names[name]
        except KeyError:
            raise NameError(f"unbound {name}") from None

    def bind(self, name, value):
        if name in self.names:
            raise NameError(f"{name} is bound already")
        self.names[name] = value
        return self

    def assign(self, name, value):
        if name not in self.names:
            raise NameError(f"{name} is not bound")
        self.names[name] = value
        return self


def evaluate(node, scope):
    kind = node[0]
    if kind == "num":
        return node[1]
    if kind == "name":
        return scope.lookup(node[1])
    return OPS[kind](evaluate(node[1], scope), evaluate(node[2], scope)) % MOD


def execute(program, output):
    scope = Scope()
    for statement in program:
        if statement[0] == "emit":
            output(evaluate(statement[1], scope))
        elif statement[0] == "let":
            scope = scope.bind(statement[1], evaluate(statement[2], scope))
        else:
            scope = scope.assign(statement[1], evaluate(statement[2], scope))
    return scope
