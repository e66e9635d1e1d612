"""Routes audit events through filters into per-kind totals."""
import enum


class Kind(enum.IntEnum):
    LOGIN = 0
    PURCHASE = 1
    REFUND = 2
    ERROR = 3


class Event:
    __slots__ = ("kind", "user", "amount")

    def __init__(self, kind, user, amount):
        self.kind = kind
        self.user = user
        self.amount = amount


class Router:
    def __init__(self):
        self.filters = []
        self.totals = dict.fromkeys(Kind, 0)

    def filter(self, function):
        self.filters.append(function)
        return function

    def route(self, kind, user, amount):
        event = Event(kind, user, amount)
        if all(keep(event) for keep in self.filters):
            self.totals[event.kind] += event.amount


router = Router()


@router.filter
def no_robots(event):
    return event.user % 17 != 0


@router.filter
def sensible_amount(event):
    return event.amount < 900


kinds = list(Kind)
for n in range(150_000):
    router.route(kinds[n * 7 % 4], n % 1000, n * 13 % 1000)
for kind, total in router.totals.items():
    print(kind.name.lower(), total)
