import gc
import random
from collections import Counter


class Position:
    __slots__ = ("symbol", "quantity", "fills")

    def __init__(self, symbol):
        self.symbol = symbol
        self.quantity = 0
        self.fills = []


class Book:
    def __init__(self, accounts, symbols):
        self.positions = {
            account: {symbol: Position(symbol) for symbol in symbols}
            for account in range(accounts)
        }

    def fill(self, account, symbol, quantity):
        position = self.positions[account][symbol]
        position.quantity += quantity
        position.fills = [quantity] + position.fills[:3]


class BatchRunner:
    def __init__(self, book, hooks=()):
        self.book = book
        self.hooks = list(hooks)
        self.batches = 0

    def run(self, orders):
        for account, symbol, quantity in orders:
            self.book.fill(account, symbol, quantity)
        self.batches += 1
        for hook in self.hooks:
            hook(self)


def housekeeping(runner):
    return None


def batch(rng, accounts, symbols, size):
    for _ in range(size):
        yield rng.randrange(accounts), rng.choice(symbols), rng.randint(-50, 60)


def main():
    symbols = [f"S{n:02d}" for n in range(30)]
    rng = random.Random(90)
    book = Book(2_500, symbols)
    runner = BatchRunner(book, hooks=[housekeeping])
    for _ in range(28):
        runner.run(batch(rng, 2_500, symbols, 4_000))
    net = Counter()
    for positions in book.positions.values():
        for position in positions.values():
            net[position.symbol] += position.quantity
    print(runner.batches, sorted(net.items())[:4])


if __name__ == "__main__":
    main()
