"""Validates supplier invoices and reports those which were refused."""
from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass, field


class Refused(Exception):
    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"{number}: {reason}")
        self.reason = reason


@dataclass
class Intake:
    accepted: int = 0
    total: int = 0
    refused: list[Exception] = field(default_factory=list)

    def submit(self, number: int, body: str) -> None:
        try:
            self.total += self.check(number, body)
            self.accepted += 1
        except Refused as problem:
            self.refused.append(problem.with_traceback(None))

    def check(self, number: int, body: str) -> int:
        document = json.loads(body)
        lines = document["lines"]
        amount = 0
        for line in lines:
            amount += line["qty"] * line["cents"]
        if amount != document["sum"]:
            raise Refused(number, "sum differs")
        if len(lines) > 95:
            raise Refused(number, "too many lines")
        return amount


def documents(count: int, seed: int):
    rng = random.Random(seed)
    for number in range(count):
        lines = [
            {"sku": f"A-{rng.randrange(10_000)}", "qty": rng.randint(1, 9), "cents": rng.randint(50, 9000)}
            for _ in range(rng.randint(30, 99))
        ]
        amount = sum(line["qty"] * line["cents"] for line in lines)
        if rng.random() < 0.3:
            amount += 1
        yield number, json.dumps({"lines": lines, "sum": amount})


def main() -> None:
    intake = Intake()
    for number, body in documents(5000, 3):
        intake.submit(number, body)
    reasons = Counter(str(problem).split(": ")[1] for problem in intake.refused)
    print(intake.accepted, intake.total, sorted(reasons.items()))


if __name__ == "__main__":
    main()
