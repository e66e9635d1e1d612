"""Merge the postings of many branch offices into one ledger and print balances."""
import random
from collections import defaultdict, namedtuple

Posting = namedtuple("Posting", "day account cents")


class Branch:
    def __init__(self, number, accounts):
        self.number = number
        self.accounts = accounts

    def postings(self, days):
        rng = random.Random(self.number)
        for day in range(days):
            count = rng.randrange(20, 60)
            yield [
                Posting(day, rng.choice(self.accounts), rng.randrange(-90_00, 120_00))
                for _ in range(count)
            ]


class Ledger:
    def __init__(self):
        self.entries = []
        self.batches = 0

    def post(self, batch):
        self.entries = self.entries + [p for p in batch if p.cents]
        self.batches += 1

    def balances(self):
        totals = defaultdict(int)
        for entry in self.entries:
            totals[entry.account] += entry.cents
        return totals

    def busiest_day(self):
        per_day = defaultdict(int)
        for entry in self.entries:
            per_day[entry.day] += 1
        return max(per_day.items(), key=lambda item: (item[1], -item[0]))


def main():
    accounts = [f"{1000 + i}" for i in range(40)]
    ledger = Ledger()
    for number in range(1, 16):
        branch = Branch(number, accounts)
        for batch in branch.postings(days=170):
            ledger.post(batch)
    totals = ledger.balances()
    print(ledger.batches, "batches", len(ledger.entries), "postings")
    print("busiest", ledger.busiest_day())
    for account in sorted(totals, key=totals.get)[-3:]:
        print(account, totals[account] / 100)


if __name__ == "__main__":
    main()
