"""Rebuild the state of an account from its event log (event sourcing)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from typing import NamedTuple


class Event(NamedTuple):
    day: int
    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    balance: Decimal = Decimal(0)
    frozen: bool = False
    booked: tuple[Event, ...] = ()


def apply(account: Account, event: Event) -> Account:
    match event.kind:
        case "freeze":
            return replace(account, frozen=True)
        case "thaw":
            return replace(account, frozen=False)
        case _ if account.frozen:
            return account
        case "deposit":
            balance = account.balance + event.amount
        case "withdraw":
            balance = account.balance - event.amount
    return replace(account, balance=balance, booked=account.booked + (event,))  # advise: grow-copy


def rebuild(log: list[Event]) -> Account:
    return reduce(apply, log, Account())


def event_log(count: int) -> list[Event]:
    log = []
    for number in range(count):
        if number % 997 == 500:
            kind = "freeze"
        elif number % 997 == 520:
            kind = "thaw"
        else:
            kind = "withdraw" if number % 3 == 0 else "deposit"
        log.append(Event(number // 40, kind, Decimal(number % 9000) / 100))
    return log


def statement_hash(account: Account) -> str:
    digest = hashlib.sha256()
    for event in account.booked:
        digest.update(f"{event.day}|{event.kind}|{event.amount}\n".encode())
    return digest.hexdigest()[:16]


def main() -> None:
    account = rebuild(event_log(24000))
    print(account.balance, len(account.booked), statement_hash(account))


if __name__ == "__main__":
    main()
