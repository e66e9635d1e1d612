"""Refused orders are told at the end; until then each keeps the frames with the whole order."""

import json


class Counter:
    def __init__(self):
        self.taken = 0
        self.refused = []

    def take(self, text):
        try:
            self.taken += self.price(text)
        except ValueError as problem:
            self.refused.append(problem)  # advise: leak

    def price(self, text):
        order = json.loads(text)
        total = sum(line["count"] * line["cents"] for line in order["lines"])
        if total % 2:
            raise ValueError(f"odd sum {total}")
        return total


def texts(count):
    for number in range(count):
        lines = [{"count": k % 5 + 1, "cents": number * k % 977, "at": f"{k}"} for k in range(40)]
        yield json.dumps({"lines": lines})


counter = Counter()
for text in texts(3_000):
    counter.take(text)
print(counter.taken, max(len(str(problem)) for problem in counter.refused))
