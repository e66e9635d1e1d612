import random

PAIRS = ("EURUSD", "USDJPY", "GBPUSD", "AUDNZD", "USDCHF")


def ticks(count, seed):
    rng = random.Random(seed)
    level = {pair: 1.0 + n for n, pair in enumerate(PAIRS)}
    for n in range(count):
        pair = rng.choice(PAIRS)
        level[pair] *= 1 + rng.gauss(0, 1e-4)
        value = level[pair]
        if rng.random() < 0.02:
            value = float("nan")
        elif rng.random() < 0.005:
            value = -1.0
        yield pair, value, n
