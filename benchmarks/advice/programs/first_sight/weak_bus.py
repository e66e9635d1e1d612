"""Spreadsheet-like cells that follow each other through a signal bus with weak listeners."""
# forbid: leak
import random
import weakref


class Bus:
    listeners = weakref.WeakValueDictionary()
    sent = 0

    @classmethod
    def attach(cls, cell):
        cls.listeners[cell.number] = cell

    @classmethod
    def send(cls, numbers, change):
        for n in numbers:
            target = cls.listeners.get(n)
            if target is not None:
                cls.sent += 1
                target.on_change(change)


class Cell:
    _next = 0

    def __init__(self, value):
        Cell._next += 1
        self.number = Cell._next
        self.value = value
        self.followers = set()
        Bus.attach(self)

    def follow(self, other):
        other.followers.add(self.number)

    def set(self, value):
        change = value - self.value
        self.value = value
        if change:
            Bus.send(sorted(self.followers), change)

    def on_change(self, change):
        self.value += change


class SumCell(Cell):
    def __init__(self, parts):
        super().__init__(sum(p.value for p in parts))
        for p in parts:
            self.follow(p)

    def on_change(self, change):
        self.set(self.value + change)


class Sheet:
    def __init__(self, rng, rows):
        self.cells = [Cell(rng.randrange(100)) for _ in range(rows)]
        self.sums = [SumCell(self.cells[i:i + 10]) for i in range(0, rows, 10)]
        self.total = SumCell(self.sums)

    def check(self):
        return self.total.value == sum(c.value for c in self.cells)


class Session:
    """Opens a sheet, does some edits, closes it."""

    def __init__(self, rng):
        self.rng = rng
        self.wrong = 0
        self.sum = 0

    def run(self):
        sheet = Sheet(self.rng, 150)
        for _ in range(200):
            self.rng.choice(sheet.cells).set(self.rng.randrange(100))
        self.wrong += not sheet.check()
        self.sum += sheet.total.value


def main():
    session = Session(random.Random(30))
    for _ in range(650):
        session.run()
    print("wrong", session.wrong, "sum", session.sum, "signals", Bus.sent)
    print("live", len(Bus.listeners), "made", Cell._next)


if __name__ == "__main__":
    main()
