# holds a day of trades as rows with slots
import dataclasses
import itertools


@dataclasses.dataclass(slots=True)
class Trade:
    id: int
    price: float
    size: int
    venue: str


def trades(n):
    ids = itertools.count(1)
    for k in range(n):
        yield Trade(id=next(ids), price=100 + k % 13 / 7, size=k % 500 + 300, venue="X")


book = list(trades(150_000))
print(sum(t.size for t in book), max(t.price for t in book))
