"""Month-end close, phase by phase. Each phase yields one line of the report."""
import random
from itertools import accumulate
from operator import itemgetter


def journal(seed, n):
    rng = random.Random(seed)
    for i in range(n):
        yield i, rng.randrange(40), rng.gauss(0, 250)


def postings_by_account(entries):
    accounts = {}
    for _, account, amount in entries:
        accounts.setdefault(account, []).append(amount)
    return accounts


def close(n):
    # 1. totals by account
    entries = list(journal(8, n))
    yield "entries", len(entries)
    by_account = postings_by_account(entries)
    yield "largest", "%.2f" % max(map(itemgetter(2), entries))

    # 2. running balances, which auditors sample
    balances = {}
    for account, amounts in by_account.items():
        balances[account] = [round(b, 3) for b in accumulate(amounts)]
    worst = min(balances, key=lambda a: min(balances[a]))
    yield "worst", worst

    # 3. re-valued in two currencies
    for rate in (0.87, 1.31):
        moved = {a: [b * rate for b in bs] for a, bs in balances.items()}
        sample = [bs[len(bs) // 2] for bs in moved.values()]
        yield f"at {rate}", "%.2f" % sum(sample)


def main():
    for label, value in close(360_000):
        print(f"{label:>10} {value}")


if __name__ == "__main__":
    main()
