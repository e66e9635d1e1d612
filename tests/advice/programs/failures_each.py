"""Exceptions that are dear to make, one for each failure."""


class CheckError(Exception):
    def __init__(self, number):
        super().__init__(number)
        self.context = [str(i) for i in range(200)]


def check(number):
    raise CheckError(number)


def main():
    failed = 0
    for number in range(3_000):
        try:
            check(number)
        except CheckError:
            failed += 1
    print(failed)


main()
