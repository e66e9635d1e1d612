"""Nightly job: reconcile card settlements, then price the loan book."""
import random
from array import array
from collections import Counter


def fetch_settlements(count):
    rng = random.Random(50)
    return [(f"TX{i:08d}", rng.randrange(1, 50_000), rng.randrange(400)) for i in range(count)]


def reconcile(settlements):
    per_merchant = Counter()
    suspicious = []
    for reference, cents, merchant in settlements:
        per_merchant[merchant] += cents
        if cents > 49_990:
            suspicious.append(int(reference[2:]))
    return per_merchant, suspicious


def fetch_loans(count):
    rng = random.Random(51)
    principal = array("d")
    rate = array("d")
    months = array("H")
    for _ in range(count):
        principal.append(rng.randrange(1000, 400_000))
        rate.append(0.01 + rng.random() * 0.07)
        months.append(rng.randrange(6, 360))
    return principal, rate, months


def price(principal, rate, months):
    grid = [array("d", bytes(8 * len(principal))) for _ in range(4)]
    for shift, column in enumerate(grid):
        bump = shift * 0.0025
        for i, p in enumerate(principal):
            r = (rate[i] + bump) / 12
            column[i] = p * r / (1 - (1 + r) ** -months[i])
    return grid


def main():
    settlements = fetch_settlements(120_000)
    per_merchant, suspicious = reconcile(settlements)
    print("merchants", len(per_merchant), "top", per_merchant.most_common(1))
    print("suspicious", len(suspicious), suspicious[:2])

    del settlements
    loans = fetch_loans(230_000)
    grid = price(*loans)
    for shift, column in enumerate(grid):
        print("shift", shift, "instalments %.2f" % sum(column))


if __name__ == "__main__":
    main()
