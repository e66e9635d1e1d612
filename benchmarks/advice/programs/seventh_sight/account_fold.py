import random
from array import array
from dataclasses import dataclass, replace
from functools import reduce
from itertools import accumulate


@dataclass(frozen=True)
class Ledger:
    balance: int = 0
    low: int = 0
    entries: tuple = ()
    refused: int = 0


def deposit(ledger, amount):
    return replace(ledger, balance=ledger.balance + amount, entries=ledger.entries + (amount,))


def withdraw(ledger, amount):
    if amount > ledger.balance + 5000:
        return replace(ledger, refused=ledger.refused + 1)
    balance = ledger.balance - amount
    return replace(ledger, balance=balance, low=min(balance, ledger.low), entries=ledger.entries + (-amount,))


HANDLERS = {"deposit": deposit, "withdraw": withdraw}


def apply(ledger, event):
    kind, amount = event
    return HANDLERS[kind](ledger, amount)


def minute_rates(count, seed):
    steps = random.Random(seed).randbytes(count)
    return array("d", accumulate((step - 127.5 for step in steps), lambda rate, step: rate * (1 + step * 1e-6), initial=1.0))


def events(count, seed, rates):
    rng = random.Random(seed)
    for _ in range(count):
        if rng.random() < 0.5:
            yield "deposit", int(rng.randrange(1, 900) * rng.choice(rates))
        else:
            yield "withdraw", int(rng.randrange(1, 1100) * rng.choice(rates))


def statement(ledger, months):
    size = len(ledger.entries) // months
    for month in range(months):
        part = ledger.entries[month * size:(month + 1) * size]
        yield month, sum(part), max(part), min(part)


def main():
    rates = minute_rates(700_000, 82)
    ledger = reduce(apply, events(18_000, 83, rates), Ledger())
    print(ledger.balance, ledger.low, len(ledger.entries), ledger.refused)
    for line in statement(ledger, 4):
        print(*line)


if __name__ == "__main__":
    main()
