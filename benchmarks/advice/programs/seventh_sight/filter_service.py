import functools
import operator
import random

from flask import Flask, jsonify, request

OPERATORS = {"eq": operator.eq, "lt": operator.lt, "gt": operator.gt}


class Expression:
    def __init__(self, terms):
        self.terms = terms

    def __call__(self, row):
        return all(test(row[field], value) for field, test, value in self.terms)


class FilterCompiler:
    fields = {"qty", "price", "zone", "age"}

    @functools.lru_cache(maxsize=None)
    def compile(self, text):
        terms = []
        for part in text.split(";"):
            field, name, value = part.split(" ")
            if field in self.fields:
                terms.append((field, OPERATORS[name], int(value)))
        return Expression(terms)


class Inventory:
    def __init__(self, size, seed):
        rng = random.Random(seed)
        self.rows = [
            {"qty": rng.randrange(100), "price": rng.randrange(1000), "zone": rng.randrange(9), "age": rng.randrange(400)}
            for _ in range(size)
        ]

    def count(self, expression):
        return sum(map(expression, self.rows))


def create_app():
    app = Flask(__name__)
    compiler = FilterCompiler()
    inventory = Inventory(20, seed=2)

    @app.get("/count")
    def count():
        expression = compiler.compile(request.args["q"])
        return jsonify(count=inventory.count(expression))

    return app


def query_text(rng, number):
    terms = [f"price lt {rng.randrange(1000)}", f"age gt {rng.randrange(300)}", f"session eq {number}"]
    terms += [f"{name} lt {rng.randrange(900, 2000)}" for name in ("qty", "zone", "price") for _ in range(8)]
    return ";".join(terms)


def main():
    client = create_app().test_client()
    rng = random.Random(66)
    total = 0
    for number in range(3_600):
        reply = client.get("/count", query_string={"q": query_text(rng, number)})
        total += reply.get_json()["count"]
    print(total)


if __name__ == "__main__":
    main()
