"""Simulate a trading day and compute per-symbol bars and a volume-weighted price."""
import random
from collections import defaultdict

SYMBOLS = ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"]
VENUES = ["north", "south", "dark"]


class Trade:
    __slots__ = ("t", "sym", "px", "qty", "venue", "side")

    def __init__(self, t, sym, px, qty, venue, side):
        self.t, self.sym, self.px = t, sym, px
        self.qty, self.venue, self.side = qty, venue, side


def simulate(rng, count):
    price = {s: 50.0 + 10 * i for i, s in enumerate(SYMBOLS)}
    trades = []
    clock = 0
    for _ in range(count):
        clock += rng.randrange(1, 400)
        sym = rng.choice(SYMBOLS)
        price[sym] = max(1.0, price[sym] * (1 + rng.gauss(0, 0.0004)))
        trades.append(Trade(clock, sym, price[sym], rng.randrange(1, 200), rng.choice(VENUES), "b" if rng.random() < 0.5 else "s"))
    return trades


def bars(trades, width):
    book = {}
    for tr in trades:
        key = (tr.sym, tr.t // width)
        bar = book.get(key)
        if bar is None:
            book[key] = [tr.px, tr.px, tr.px, tr.px, tr.qty]
        else:
            bar[1] = max(bar[1], tr.px)
            bar[2] = min(bar[2], tr.px)
            bar[3] = tr.px
            bar[4] += tr.qty
    return book


def vwap(trades):
    money, volume = defaultdict(float), defaultdict(int)
    for tr in trades:
        money[tr.sym] += tr.px * tr.qty
        volume[tr.sym] += tr.qty
    return {s: money[s] / volume[s] for s in money}


def imbalance(trades):
    signed = defaultdict(int)
    for tr in trades:
        signed[tr.venue] += tr.qty if tr.side == "b" else -tr.qty
    return signed


def drawdown(book, sym):
    peak = worst = 0.0
    for (s, _slot), bar in sorted(book.items()):
        if s == sym:
            peak = max(peak, bar[1])
            worst = max(worst, (peak - bar[2]) / peak)
    return worst


def main():
    rng = random.Random(2024)
    trades = simulate(rng, 230_000)
    book = bars(trades, 400_000)
    mean = vwap(trades)
    print("trades", len(trades), "bars", len(book))
    for sym in SYMBOLS:
        print(f"{sym} vwap {mean[sym]:.4f} drawdown {drawdown(book, sym):.4f}")
    for venue, lots in sorted(imbalance(trades).items()):
        print(venue, lots)


if __name__ == "__main__":
    main()
