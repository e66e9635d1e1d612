import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deposited:
    account: str
    cents: int
    ref: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    account: str
    cents: int
    ref: int


@dataclass(frozen=True, slots=True)
class Closed:
    account: str
    ref: int


def stream(count, seed):
    rng = random.Random(seed)
    accounts = ["OPS-MAIN"] * 7 + ["PAYROLL", "TAX", "PETTY"]
    for ref in range(count):
        account = rng.choice(accounts)
        if rng.random() < 0.55:
            yield Deposited(account, rng.randint(100, 90_000), ref)
        else:
            yield Withdrawn(account, rng.randint(100, 70_000), ref)
    for account in ("PETTY", "TAX"):
        yield Closed(account, count)
