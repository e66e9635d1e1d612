"""Failures by row, each with its traceback, and so with the tables that its frames have."""

FAILED = {}


def check(row):
    table = {f"{row}-{column}": column for column in range(80)}
    if row % 2:
        raise LookupError(row)
    return len(table)


def main():
    total = 0
    for row in range(6_000):
        try:
            total += check(row)
        except LookupError as problem:
            FAILED[row] = problem  # advise: leak
    print(total, len(FAILED))


main()
