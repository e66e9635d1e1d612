"""Objects that stay, and a hook that has the collector look through them after each batch."""

import gc
import random


class Position:
    __slots__ = ("fills", "symbol")

    def __init__(self, symbol):
        self.symbol = symbol
        self.fills = [0]


class Book:
    def __init__(self, accounts):
        self.positions = {
            account: {symbol: Position(symbol) for symbol in range(30)}
            for account in range(accounts)
        }

    def fill(self, account, symbol, quantity):
        position = self.positions[account][symbol]
        position.fills = [quantity, *position.fills[:3]]


def housekeeping():
    gc.collect()  # advise: gc-pressure


def main():
    rng = random.Random(90)
    book = Book(2_000)
    for _ in range(40):
        for _ in range(3_000):
            book.fill(rng.randrange(2_000), rng.randrange(30), rng.randint(-50, 60))
        housekeeping()
    print(len(book.positions), sum(position.fills[0] for position in book.positions[0].values()))


if __name__ == "__main__":
    main()
