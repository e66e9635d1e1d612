"""Checks a change-giving machine with hypothesis."""
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

COINS = (200, 100, 50, 20, 10, 5, 2, 1)
seen = {"runs": 0, "coins": 0}


def greedy(amount, stock):
    out = []
    for coin in COINS:
        take = min(amount // coin, stock.get(coin, 0))
        if take:
            out.append((coin, take))
            amount -= coin * take
    return out, amount


def tables(limit):
    best = [0] + [None] * limit
    for coin in COINS:
        for amount in range(coin, limit + 1):
            before = best[amount - coin]
            if before is not None and (best[amount] is None or before + 1 < best[amount]):
                best[amount] = before + 1
    return best


BEST = tables(50_000)
stocks = st.dictionaries(st.sampled_from(COINS), st.integers(0, 9))


@settings(
    max_examples=250, derandomize=True, database=None, deadline=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2000), stocks)
def sums_up(amount, stock):
    out, rest = greedy(amount, stock)
    assert sum(coin * count for coin, count in out) + rest == amount
    assert all(count <= stock[coin] for coin, count in out)
    seen["runs"] += 1
    seen["coins"] += sum(count for _, count in out)


@settings(max_examples=150, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
@given(st.integers(0, 50_000))
def never_better_than_best(amount):
    out, rest = greedy(amount, {coin: amount // coin + 1 for coin in COINS})
    assert rest == 0
    assert sum(count for _, count in out) >= BEST[amount]
    seen["runs"] += 1


sums_up()
never_better_than_best()
print(seen["runs"] > 100, seen["coins"] > 0, BEST[49_999])
