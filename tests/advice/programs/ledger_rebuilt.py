"""A ledger that is a new value after each entry: what is in it is no leak beside the copying."""

import random


def enter(ledger, account, amount):
    entry = (f"{account}/{ledger['balance']:+08d}", amount)
    return {
        "entries": ledger["entries"] + [entry],  # advise: grow-copy
        "balance": ledger["balance"] + amount,
    }


def spent(ledger, account):
    return [amount for name, amount in ledger["entries"] if name.startswith(account)]


class Book:
    def __init__(self):
        self.ledger = {"entries": [], "balance": 0}

    def book(self, account, amount):
        self.ledger = enter(self.ledger, account, amount)


def main():
    chance = random.Random(11)
    book, checked = Book(), 0
    for number in range(14_000):
        account = chance.choice(("rent", "food", "fuel"))
        book.book(account, chance.randint(-900, 900))
        if number % 700 == 0:
            checked += sum(spent(book.ledger, account))
    print(book.ledger["balance"], checked)
    return book


KEPT = main()
