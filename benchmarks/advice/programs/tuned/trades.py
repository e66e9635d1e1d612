# holds a day of trades as dictionaries
import itertools


def trades(n):
    ids = itertools.count(1)
    for k in range(n):
        yield dict(
            id=next(ids), price=100 + k % 13 / 7, size=k % 500 + 300, venue="X"
        )  # advise: compact


book = list(trades(150_000))
print(sum(t["size"] for t in book), max(t["price"] for t in book))
