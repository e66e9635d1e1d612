import contextlib
import random
import re

from flask import Flask, jsonify, request


class RuleLexer:
    words = ("if", "else", "when", "unless", "total", "limit", "rate", "and", "or", "not")

    def __init__(self, dialect):
        self.dialect = dialect
        keywords = "|".join(f"(?P<k_{w}_{dialect}>\\b{w}\\b)" for w in self.words)
        self.pattern = re.compile(f"{keywords}|(?P<num>\\d+(\\.\\d+)?)|(?P<name>[a-z_]+)|(?P<op>[-+*/<>=()])|(?P<ws>\\s+)")
        self.tokens = []

    def scan(self, text):
        self.tokens.clear()
        position = 0
        while position < len(text):
            match = self.pattern.match(text, position)
            if match is None:
                raise SyntaxError(f"unexpected {text[position]!r} at {position}")
            if match.lastgroup != "ws":
                self.tokens.append((match.lastgroup, match.group()))
            position = match.end()
        return len(self.tokens)


class LexerPool:
    def __init__(self, size):
        self.serial = 0
        self.idle = [self._make() for _ in range(size)]

    def _make(self):
        self.serial += 1
        return RuleLexer(self.serial)

    @contextlib.contextmanager
    def lease(self):
        lexer = self.idle.pop() if self.idle else self._make()
        try:
            yield lexer
        finally:
            self.idle.append(lexer)


class RuleChecker:
    def __init__(self, pool):
        self.pool = pool
        self.good = 0
        self.bad = 0
        self.tokens = 0

    def check(self, text):
        try:
            with self.pool.lease() as lexer:
                self.tokens += lexer.scan(text)
                self.good += 1
        except SyntaxError:
            self.bad += 1


def rule_text(rng):
    parts = rng.choices(("if", "total", ">", "100", "and", "rate", "<", "0.25", "price", "*", "(", ")"), k=rng.randint(6, 20))
    if rng.random() < 0.06:
        parts.insert(rng.randrange(len(parts)), "#")
    return " ".join(parts)


def create_app():
    app = Flask("lexer_leases")
    checker = RuleChecker(LexerPool(3))

    @app.post("/rules")
    def rules():
        for text in request.get_data(as_text=True).splitlines():
            checker.check(text)
        return jsonify(good=checker.good, bad=checker.bad, tokens=checker.tokens)

    return app


def main():
    rng = random.Random(37)
    client = create_app().test_client()
    for _ in range(500):
        body = "\n".join(rule_text(rng) for _ in range(12))
        reply = client.post("/rules", data=body)
    print(reply.get_json())


if __name__ == "__main__":
    main()
