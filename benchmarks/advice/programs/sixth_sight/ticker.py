"""Follow quotes, keep a rolling history for each symbol and raise alerts."""
import random
from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(slots=True)
class Quote:
    symbol: str
    tick: int
    price: float


class Board:
    DEPTH = 120

    def __init__(self):
        self.history = defaultdict(list)
        self.alerts = deque(maxlen=500)
        self.raised = 0

    def update(self, quote):
        past = self.history[quote.symbol]
        past.append(quote)
        if len(past) > 2 * self.DEPTH:
            del past[:-self.DEPTH]
        reference = past[max(0, len(past) - 60)].price
        if abs(quote.price - reference) > 0.05 * reference:
            self.alerts.append((quote.tick, quote.symbol, quote.price))
            self.raised += 1


def quotes(seed, count):
    rng = random.Random(seed)
    symbols = ["AXO", "BRN", "CTL", "DPX", "EVR", "FLM", "GSK", "HND"] + [f"X{n:03d}" for n in range(300)]
    prices = {s: rng.uniform(5, 300) for s in symbols}
    for tick in range(count):
        symbol = rng.choice(symbols)
        prices[symbol] *= rng.uniform(0.988, 1.0122)
        yield Quote(symbol, tick, prices[symbol])


def main():
    board = Board()
    for quote in quotes(23, 300_000):
        board.update(quote)
    print(board.raised, len(board.alerts), sum(map(len, board.history.values())))
    tick, symbol, price = board.alerts[-1]
    print(tick, symbol, f"{price:.4f}")
    return board


board = main()
