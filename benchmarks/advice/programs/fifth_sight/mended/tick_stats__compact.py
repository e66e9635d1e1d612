"""Percentiles and drawdowns of simulated instruments."""
import math
import random
from array import array
from collections import defaultdict
from functools import reduce

SYMBOLS = [f"{a}{b}X" for a in "ABCDE" for b in "KLM"]


class Recorder:
    """Collects closing prices per symbol as the simulation runs."""

    def __init__(self):
        self.prices = defaultdict(lambda: array("d"))

    def on_tick(self, symbol, price):
        self.prices[symbol].append(price)


class Market:
    def __init__(self, seed, listeners):
        self.rng = random.Random(seed)
        self.level = {s: 100.0 + 3 * i for i, s in enumerate(SYMBOLS)}
        self.listeners = listeners

    def step(self):
        shock = self.rng.gauss(0, 0.0004)
        for symbol in SYMBOLS:
            move = shock + (self.rng.random() - 0.5) * 0.002
            self.level[symbol] *= 1.0 + move
            for notify in self.listeners:
                notify(symbol, self.level[symbol])


def percentile(series, q):
    ranked = sorted(series)
    return ranked[min(len(ranked) - 1, int(q * len(ranked)))]


def drawdown(series):
    def fold(state, price):
        top, worst = state
        top = max(top, price)
        return top, max(worst, 1.0 - price / top)
    return reduce(fold, series, (-math.inf, 0.0))[1]


def beta(series, market):
    n = len(series)
    ms, mm = sum(series) / n, sum(market) / n
    cov = sum((a - ms) * (b - mm) for a, b in zip(series, market))
    return cov / sum((b - mm) ** 2 for b in market)


def main():
    recorder = Recorder()
    market = Market(9, [recorder.on_tick])
    for _ in range(40_000):
        market.step()
    base = recorder.prices[SYMBOLS[0]]
    for symbol in SYMBOLS[:5]:
        series = recorder.prices[symbol]
        print(symbol, f"p05={percentile(series, .05):.3f} p95={percentile(series, .95):.3f}",
              f"dd={drawdown(series):.4f} beta={beta(series, base):.3f}")
    print("ticks", sum(len(s) for s in recorder.prices.values()))


if __name__ == "__main__":
    main()
