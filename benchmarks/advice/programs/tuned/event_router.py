"""Routes audit events through filters into per-kind totals, with a pool of event records."""
import contextlib
import enum
import queue


class Kind(enum.IntEnum):
    LOGIN = 0
    PURCHASE = 1
    REFUND = 2
    ERROR = 3


class Event:
    __slots__ = ("kind", "user", "amount")


class EventPool:
    def __init__(self, size):
        self._idle = queue.LifoQueue()
        for _ in range(size):
            self._idle.put(Event())

    @contextlib.contextmanager
    def event(self, kind, user, amount):
        event = self._idle.get()  # advise: over-pooled
        event.kind, event.user, event.amount = kind, user, amount
        try:
            yield event
        finally:
            self._idle.put(event)


class Router:
    def __init__(self):
        self.pool = EventPool(16)
        self.filters = []
        self.totals = dict.fromkeys(Kind, 0)

    def filter(self, function):
        self.filters.append(function)
        return function

    def route(self, kind, user, amount):
        with self.pool.event(kind, user, amount) as event:
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
