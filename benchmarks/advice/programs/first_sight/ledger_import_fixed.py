"""Import a bank statement export into a double-entry journal and print balances."""
import csv
import io
import random
from collections import defaultdict
from decimal import Decimal

ACCOUNTS = ["cash", "rent", "salary", "food", "travel", "fees", "books"]


class ImportProblem(Exception):
    pass


# may: compact
class Entry:
    __slots__ = ("day", "debit", "credit", "cents", "memo")

    def __init__(self, day, debit, credit, cents, memo):
        if debit == credit:
            raise ImportProblem(f"same account on both sides: {debit}")
        self.day = day
        self.debit = debit
        self.credit = credit
        self.cents = cents
        self.memo = memo


class Journal:
    def __init__(self):
        self.entries = []
        self.rejected = 0

    def post(self, entry):
        self.entries.append(entry)

    def balances(self):
        totals = defaultdict(int)
        for e in self.entries:
            totals[e.debit] += e.cents
            totals[e.credit] -= e.cents
        return totals

    def by_day(self):
        days = defaultdict(int)
        for e in self.entries:
            days[e.day] += 1
        return days


def make_statement(rng, lines):
    sink = io.StringIO()
    out = csv.writer(sink)
    out.writerow(["day", "debit", "credit", "amount", "memo"])
    for i in range(lines):
        a, b = rng.choice(ACCOUNTS), rng.choice(ACCOUNTS)
        amount = f"{rng.randrange(1, 90000) / 100:.2f}"
        out.writerow([i % 365, a, b, amount, f"ref {i:06d}"])
    sink.seek(0)
    return sink


def load(journal, handle):
    for row in csv.DictReader(handle):
        cents = int(Decimal(row["amount"]) * 100)
        try:
            journal.post(Entry(int(row["day"]), row["debit"], row["credit"], cents, row["memo"]))
        except ImportProblem:
            journal.rejected += 1


def main():
    rng = random.Random(8)
    journal = Journal()
    for quarter in range(4):
        load(journal, make_statement(rng, 7000))
    print("entries", len(journal.entries), "rejected", journal.rejected)
    for name, cents in sorted(journal.balances().items()):
        print(f"{name:10s} {cents / 100:14.2f}")
    days = journal.by_day()
    busiest = max(days, key=lambda d: (days[d], d))
    print("busiest day", busiest, days[busiest])


if __name__ == "__main__":
    main()
