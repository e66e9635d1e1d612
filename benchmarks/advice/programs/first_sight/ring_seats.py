"""Counting-out games on rings of linked seats: who is left, for many ring sizes and steps."""
# forbid: gc-pressure leak
# may: compact cycles
import random


class Seat:
    __slots__ = ("number", "left", "right", "notes")

    def __init__(self, number):
        self.number = number
        self.left = self.right = self
        self.notes = []

    def insert_after(self, other):
        self.left = other
        self.right = other.right
        other.right.left = self
        other.right = self

    def unlink(self):
        """Out of the ring; the seat still knows its old neighbours (for the protocol)."""
        self.left.right = self.right
        self.right.left = self.left
        self.notes.append(self.right)


class Ring:
    def __init__(self, size):
        first = seat = Seat(0)
        self.out = []
        for number in range(1, size):
            new = Seat(number)
            new.insert_after(seat)
            seat = new
        self.first = first
        self.size = size

    def play(self, step, rounds):
        seat = self.first
        for _ in range(min(rounds, self.size - 1)):
            for _ in range(step - 1):
                seat = seat.right
            gone, seat = seat, seat.right
            gone.unlink()
            self.out.append(gone)
        return seat

    def protocol(self):
        """Every third seat that went out, with the neighbour it had then."""
        return sum(s.number ^ s.notes[0].number for s in self.out[::3])


class Rounds:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.winners = 0
        self.check = 0

    def one(self):
        ring = Ring(self.rng.randrange(500, 4000))
        last = ring.play(self.rng.randrange(2, 6), 800)
        self.winners += last.number
        self.check ^= ring.protocol() * 31 + last.left.number


def main():
    rounds = Rounds(12)
    for n in range(700):
        rounds.one()
        if n % 100 == 99:
            print(n + 1, rounds.winners, rounds.check)


if __name__ == "__main__":
    main()
