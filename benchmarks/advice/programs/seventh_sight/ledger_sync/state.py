from dataclasses import dataclass, replace
from functools import singledispatchmethod

from .events import Closed, Deposited, Withdrawn


@dataclass(frozen=True)
class AccountState:
    name: str
    balance: int = 0
    low_water: int = 0
    closed: bool = False
    postings: tuple = ()


class AccountReducer:
    def initial(self, name):
        return AccountState(name)

    @singledispatchmethod
    def apply(self, event, state):
        raise TypeError(type(event).__name__)

    @apply.register
    def _(self, event: Deposited, state):
        return self._posted(state, event.ref, event.cents)

    @apply.register
    def _(self, event: Withdrawn, state):
        return self._posted(state, event.ref, -event.cents)

    @apply.register
    def _(self, event: Closed, state):
        return replace(state, closed=True)

    def _posted(self, state, ref, amount):
        balance = state.balance + amount
        return replace(
            state,
            balance=balance,
            low_water=min(state.low_water, balance),
            postings=state.postings + ((ref, amount),),
        )
