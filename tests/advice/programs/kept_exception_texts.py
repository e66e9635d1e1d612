"""What is kept of an exception is its text, or itself without its traceback; others are handled."""


def checked(number):
    cells = [f"{value:>20}" for value in range(30_000)]
    if number % 2:
        raise ValueError(f"sheet {number} has {len(cells)} cells")
    return len(cells)


def survey(count):
    texts, bare, last = [], [], None
    total = 0
    for number in range(count):
        try:
            total += checked(number)
        except ValueError as error:
            texts.append(str(error))
            bare.append(error.with_traceback(None))
            last = error.args
    return total, texts, bare, last


def retried(number):
    while True:
        try:
            return checked(number)
        except ValueError:
            number += 1


print(survey(8), retried(3))
