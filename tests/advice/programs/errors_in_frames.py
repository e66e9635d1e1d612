"""An exception that a name of its own frame holds, with the collector off."""

import gc


def parse(number):
    table = [str(number + i) for i in range(60)]  # advise: leak
    try:
        raise ValueError(f"bad {number}")
    except ValueError as error:
        problem = error
    return len(table) + len(str(problem))


def main():
    gc.disable()
    total = 0
    for number in range(20_000):
        total += parse(number)
    print(total)


main()
