"""Moving-average crossover backtest on synthetic ticks."""
import random


class Tick:
    __slots__ = ("seq", "price", "volume", "side")

    def __init__(self, seq, price, volume, side):
        self.seq = seq
        self.price = price
        self.volume = volume
        self.side = side

    @property
    def notional(self):
        return self.price * self.volume


class Tape:
    def __init__(self, symbol):
        self.symbol = symbol
        self.ticks = []

    def __len__(self):
        return len(self.ticks)

    def record(self, seq, price, volume, side):
        self.ticks.append(Tick(seq, price, volume, side))

    def vwap(self, lo=0, hi=None):
        num = den = 0
        for t in self.ticks[lo:hi]:
            num += t.notional
            den += t.volume
        return num / den if den else 0.0


def synth(symbol, n, seed):
    rng = random.Random(seed)
    tape = Tape(symbol)
    price = 10_000
    for i in range(n):
        price = max(100, price + rng.choice((-3, -2, -1, 0, 1, 2, 3)))
        tape.record(i * 250, price / 100, 1 + int(rng.random() * 500), "B" if rng.random() < 0.5 else "S")
    return tape


def averages(tape, window):
    total = 0.0
    for i, t in enumerate(tape.ticks):
        total += t.price
        if i >= window:
            total -= tape.ticks[i - window].price
            yield total / window
        else:
            yield total / (i + 1)


class Strategy:
    def __init__(self, fast=50, slow=400):
        self.fast, self.slow = fast, slow

    def run(self, tape):
        position, cash, trades = 0, 0.0, 0
        for t, a, b in zip(tape.ticks, averages(tape, self.fast), averages(tape, self.slow)):
            want = 1 if a > b else -1
            if want != position:
                cash -= (want - position) * t.price
                position = want
                trades += 1
        cash += position * tape.ticks[-1].price
        return cash, trades


def imbalance(tape):
    buys = sum(t.volume for t in tape.ticks if t.side == "B")
    return buys / sum(t.volume for t in tape.ticks)


def main():
    tapes = [synth(s, 80_000, i) for i, s in enumerate(("ACME", "GLOBX", "INIT", "UMBR"))]
    for tape in tapes:
        for fast, slow in ((20, 200), (50, 400)):
            pnl, trades = Strategy(fast, slow).run(tape)
            print(f"{tape.symbol:6s} {fast:3d}/{slow:3d} pnl {pnl:9.2f} trades {trades}")
        print(f"{tape.symbol:6s} vwap {tape.vwap():.4f} imbalance {imbalance(tape):.4f}")


main()
