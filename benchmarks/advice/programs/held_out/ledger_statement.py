"""Renders a long account statement as plain text."""
import datetime
import enum
import hashlib
from decimal import Decimal


class Side(enum.Enum):
    DEBIT = "DR"
    CREDIT = "CR"


class Statement:
    def __init__(self, holder):
        self.text = f"Statement for {holder}\n" + "=" * 60 + "\n"
        self.balance = Decimal(0)

    def post(self, day, side, amount, memo):
        self.balance += amount if side is Side.CREDIT else -amount
        self._line(f"{day:%Y-%m-%d} {side.value} {amount:>12} {self.balance:>14}  {memo}")

    def subtotal(self, month):
        self._line(f"---------- balance at the end of {month}: {self.balance}")

    def _line(self, line):
        self.text += line + "\n"  # advise: grow-copy


def entries(days):
    start = datetime.date(2019, 1, 1)
    for offset in range(days):
        day = start + datetime.timedelta(days=offset)
        for n in range(6):
            side = Side.CREDIT if (offset + n) % 3 == 0 else Side.DEBIT
            amount = Decimal((offset * 37 + n * 991) % 25_000) / 100
            yield day, side, amount, f"transfer {offset:05d}/{n} to branch {n * offset % 41}"


def main():
    statement = Statement("A. N. Other")
    month = None
    for day, side, amount, memo in entries(1500):
        if month not in (None, (day.year, day.month)):
            statement.subtotal("%d-%02d" % month)
        month = day.year, day.month
        statement.post(day, side, amount, memo)
    text = statement.text
    print(len(text), hashlib.md5(text.encode()).hexdigest(), statement.balance)


if __name__ == "__main__":
    main()
