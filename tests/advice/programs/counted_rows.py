"""A decorator that counts what a generator gives, and makes it whole for that."""

from functools import wraps

COUNTS = {}


def counted(function):
    @wraps(function)
    def count(*given):
        rows = [row for row in function(*given)]  # advise: chunk
        COUNTS[function.__name__] = len(rows)
        return rows

    return count


@counted
def samples(count):
    for number in range(count):
        yield number, number * 0.5, f"sample {number}"


def main():
    total = 0.0
    for number, value, name in samples(60_000):
        total += value * len(name) - number
    print(total, COUNTS)


main()
