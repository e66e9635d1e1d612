"""Event-sourced balances: fold the journal of a small bank into a read model."""
import functools
import random
from decimal import Decimal
from typing import NamedTuple


class Event(NamedTuple):
    kind: str
    account: str
    amount: int = 0
    other: str = ""


class Balance(NamedTuple):
    cents: int
    version: int
    frozen: bool = False

    def moved(self, delta):
        return self._replace(cents=self.cents + delta, version=self.version + 1)


HANDLERS = {}


def handles(kind):
    def register(fn):
        HANDLERS[kind] = fn
        return fn
    return register


def amended(model, **changes):
    """The fold owns the model, so it may be changed in place."""
    model.update(changes)
    return model


@handles("opened")
def _(model, event):
    return amended(model, **{event.account: Balance(event.amount, 1)})


@handles("deposited")
def _(model, event):
    return amended(model, **{event.account: model[event.account].moved(event.amount)})


@handles("transferred")
def _(model, event):
    source, target = model[event.account], model[event.other]
    if source.frozen or target.frozen or source.cents < event.amount:
        return model
    return amended(model, **{
        event.account: source.moved(-event.amount),
        event.other: target.moved(event.amount),
    })


@handles("frozen")
def _(model, event):
    return amended(model, **{event.account: model[event.account]._replace(frozen=True)})


def project(journal):
    return functools.reduce(lambda model, ev: HANDLERS[ev.kind](model, ev), journal, {})


def journal(accounts, moves, seed=23):
    rng = random.Random(seed)
    names = []
    per_account = moves // accounts
    for i in range(accounts):
        names.append(f"AC{i:05d}")
        yield Event("opened", names[-1], rng.randrange(5_000, 90_000))
        for _ in range(per_account):
            roll = rng.random()
            if roll < 0.02:
                yield Event("frozen", rng.choice(names))
            elif roll < 0.5 or i < 2:
                yield Event("deposited", rng.choice(names), rng.randrange(100, 9_000))
            else:
                a, b = rng.sample(names, 2)
                yield Event("transferred", a, rng.randrange(100, 30_000), b)


def statement(model):
    total = sum(b.cents for b in model.values())
    yield f"accounts {len(model)}"
    yield f"total    {Decimal(total).scaleb(-2)}"
    yield f"frozen   {sum(b.frozen for b in model.values())}"
    for name, balance in sorted(model.items(), key=lambda kv: -kv[1].version)[:3]:
        yield f"{name} v{balance.version} {Decimal(balance.cents).scaleb(-2)}"


def main():
    for line in statement(project(journal(9_000, 46_000))):
        print(line)


if __name__ == "__main__":
    main()
