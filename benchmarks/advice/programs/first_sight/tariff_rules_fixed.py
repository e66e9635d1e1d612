"""Evaluate tariff formulas of phone calls with a small recursive descent parser."""
import random
import string


class FormulaError(Exception):
    pass


class Scanner:
    """Table driven scanner; `scan` may be called any number of times."""

    DIGIT, ALPHA, OP, SPACE, BAD = range(5)

    def __init__(self):
        self.kinds = [self.BAD] * 256
        for group, kind in ((string.digits + ".", self.DIGIT), (string.ascii_letters + "_", self.ALPHA),
                            ("+-*/()<>", self.OP), (" \t", self.SPACE)):
            for ch in group:
                self.kinds[ord(ch)] = kind

    def scan(self, text):
        tokens = []
        pos = 0
        kinds = self.kinds
        while pos < len(text):
            kind = kinds[ord(text[pos])]
            start = pos
            pos += 1
            if kind == self.SPACE:
                continue
            if kind == self.BAD:
                raise FormulaError(f"character {text[start]!r}")
            if kind != self.OP:
                while pos < len(text) and kinds[ord(text[pos])] == kind:
                    pos += 1
            tokens.append((kind, text[start:pos]))
        tokens.append((None, ""))
        return tokens


class Formula:
    def __init__(self, tokens, names):
        self.tokens, self.names, self.pos = tokens, names, 0

    def next(self):
        self.pos += 1
        return self.tokens[self.pos - 1]

    def peek(self):
        return self.tokens[self.pos][1]

    def expr(self):
        value = self.term()
        while self.peek() and self.peek() in "+-":
            value = value + self.term() if self.next()[1] == "+" else value - self.term()
        return value

    def term(self):
        value = self.atom()
        while self.peek() and self.peek() in "*/":
            value = value * self.atom() if self.next()[1] == "*" else value / self.atom()
        return value

    def atom(self):
        kind, text = self.next()
        if kind == Scanner.DIGIT:
            return float(text)
        if kind == Scanner.ALPHA:
            return self.names[text]
        if text == "(":
            value = self.expr()
            if self.next()[1] != ")":
                raise FormulaError("')' expected")
            return value
        raise FormulaError(f"unexpected {text!r}")


class Biller:
    def __init__(self, plans):
        self.plans = plans
        self.scanner = Scanner()
        self.totals = dict.fromkeys(plans, 0.0)
        self.errors = 0

    def bill(self, plan, seconds, zone):
        names = {"sec": seconds, "zone": zone, "base": 0.05}
        try:
            self.totals[plan] += self.evaluate(self.plans[plan], names)
        except (FormulaError, KeyError, ZeroDivisionError):
            self.errors += 1

    def evaluate(self, source, names):
        tokens = self.scanner.scan(source)
        return Formula(tokens, names).expr()


def main():
    biller = Biller({
        "flat": "base", "day": "base + sec*0.01", "far": "(sec/60)*zone+base",
        "odd": "sec / (zone - 2)", "broken": "sec $ 3",
    })
    rng = random.Random(64)
    plans = list(biller.plans)
    for _ in range(110_000):
        biller.bill(rng.choice(plans), rng.randrange(1, 3000), rng.randrange(5))
    print("errors", biller.errors)
    for plan, amount in biller.totals.items():
        print(f"{plan:8s}{amount:14.2f}")


if __name__ == "__main__":
    main()
