"""Loans of a library, each an object that takes any attributes by name."""


class Loan:
    def __init__(self, **given):
        self.__dict__.update(given)

    def late(self):
        return self.due > self.day


def read(count):
    loans = []
    for number in range(count):
        loans.append(
            Loan(owner=number % 70, day=number % 31, due=number % 40)  # advise: compact
        )
    return loans


def main():
    loans = read(120_000)
    print(sum(loan.late() for loan in loans), loans[70].owner)


main()
