"""Answer billing questions from an invoice database."""
import os
import random
import sqlite3
import tempfile
from functools import partial

SCHEMA = """
create table invoice(id integer primary key, customer integer, cents integer, paid integer);
create table customer(id integer primary key, name text, tier text);
create index by_customer on invoice(customer);
"""


def build(path, customers, invoices):
    rng = random.Random(4)
    db = sqlite3.connect(path)
    with db:
        db.executescript(SCHEMA)
        db.executemany(
            "insert into customer values(?,?,?)",
            ((i, f"Customer {i}", rng.choice("ABC")) for i in range(customers)),
        )
        db.executemany(
            "insert into invoice values(?,?,?,?)",
            ((i, rng.randrange(customers), rng.randrange(100, 90000), rng.random() < 0.8)
             for i in range(invoices)),
        )
    db.close()


class Billing:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.create_function("fee", 1, lambda cents: cents * 3 // 100)

    def _rows(self, sql, *args):
        return self.db.execute(sql, args).fetchall()

    def open_amount(self, customer):
        rows = self._rows(
            "select sum(cents + fee(cents)) from invoice where customer=? and not paid", customer)
        return rows[0][0] or 0

    def tier(self, customer):
        return self._rows("select tier from customer where id=?", customer)[0][0]

    def largest(self, customer):
        rows = self._rows("select max(cents) from invoice where customer=?", customer)
        return rows[0][0] or 0


def dispatch(billing):
    return {
        "open": partial(billing.open_amount),
        "tier": partial(billing.tier),
        "max": partial(billing.largest),
    }


def main():
    rng = random.Random(8)
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "billing.db")
        build(path, customers=3000, invoices=60000)
        handlers = dispatch(Billing(path))
        answers = {"open": 0, "max": 0}
        tiers = {}
        for _ in range(2500):
            what = rng.choice(("open", "tier", "max"))
            result = handlers[what](rng.randrange(3000))
            if what == "tier":
                tiers[result] = tiers.get(result, 0) + 1
            else:
                answers[what] += result
    print(answers, sorted(tiers.items()))


if __name__ == "__main__":
    main()
